import type { Context } from '../../cluster/context.js'
import { crashWatch } from '../../cluster/crash-watch.js'
import type { Machine } from '../../cluster/machine.js'
import { parseDuration } from '../../lib/time.js'
import { asProcNetHas, listeningScript } from '../../resources/listening.js'
import { kubeletRuns } from './kubelet-runs.js'

/** The kubelet sees a changed manifest at once, or at its next look after 20 s (fileCheckFrequency). */
const usuallyMs = 45_000
/** kubeadm's UpgradeManifestTimeout. */
export const upgradeManifestMs = 300_000
/**
 * How long an API server that was told to end may finish what it was asked. It closes its port at once, and then waits for
 * watches, which do not end by themselves: without this, for the 30 s of its Pod's terminationGracePeriodSeconds.
 */
const graceMs = 5_000
const apiServer = 'kube-apiserver'

/**
 * Changes a static pod's manifest and waits until the kubelet runs its pod anew, which the runtime tells by another
 * container. Its mirror would not do: the kubelet writes that when it finds an API server, and where the endpoint
 * is the very one that restarts it looks again 30 s later.
 * @param alone also wait until the old container has ended
 * @param withinMs how long the kubelet may take
 * @throws UserError when the new container exits after each start
 * @returns false when no other container came: the new text means the same pod, or the kubelet does not run
 */
export async function untilNewPod(
  context: Context,
  machine: Machine,
  name: string,
  change: () => Promise<void>,
  alone = false,
  withinMs = usuallyMs,
): Promise<boolean> {
  if (name === apiServer) await untilBegun(context, machine)
  const before = new Set(await containers(context, machine, name))
  const watch = crashWatch(context, machine, [name])
  // without a kubelet nothing would bring an API server back
  const beside = name === 'etcd' && (await kubeletRuns(machine.host))
  if (beside) await endApiServer(context, machine, graceMsOf(context))
  let wasOpen = name === apiServer && !(await isClosed(context, machine))
  let closedSince: number | undefined
  let again = beside
  await change()
  const deadline = context.now().getTime() + withinMs
  while (context.now().getTime() < deadline) {
    const now = await containers(context, machine, name)
    if (again && now.length === 0 && !(await isClosed(context, machine))) {
      // it came up with the member that has ended since; the next one finds none, and does not begin to listen
      again = false
      await endApiServer(context, machine, 0)
    }
    if (name === apiServer && closedSince === undefined) {
      const closed = await isClosed(context, machine)
      if (closed && wasOpen) closedSince = context.now().getTime()
      wasOpen ||= !closed
    }
    const late = closedSince !== undefined && context.now().getTime() - closedSince > graceMs
    if (late && now.length > 0 && now.every((id) => before.has(id))) await endApiServer(context, machine, 0)
    if (now.some((id) => !before.has(id)) && !(alone && now.some((id) => before.has(id)))) return true
    await watch()
    await context.sleep(250)
  }
  return false
}

/** How long an API server may take to begin to listen. */
const beginsMs = 30_000

/**
 * Waits until an API server that has just been started listens. Told to end before, it opens its port first and ends long after,
 * while the new one finds the port taken (seen with 1.20 on Docker, whose restart had started it).
 */
async function untilBegun(context: Context, machine: Machine): Promise<void> {
  const deadline = context.now().getTime() + beginsMs
  while ((await isClosed(context, machine)) && context.now().getTime() < deadline) {
    if ((await containers(context, machine, apiServer)).length === 0) return
    await context.sleep(250)
  }
}

/** What an API server is given to end: it serves on for --shutdown-delay-duration, where that is set, before it closes its port. */
function graceMsOf({ spec }: Context): number {
  const delay = spec.apiServer.extraArgs['shutdown-delay-duration']
  return graceMs + (typeof delay === 'string' ? (parseDuration(delay) ?? 0) : 0)
}

/**
 * Ends the API server beside a member of etcd that is replaced; the kubelet starts it again. Without its member it would take
 * requests and let them wait: kubelets that asked it became NotReady, and its own kubelet, which deletes etcd's mirror Pod
 * before it starts the new Pod (syncPod in pkg/kubelet/kubelet.go), started etcd 34 s late (seen with 1.33 to 1.36). Refused,
 * all of them ask another or go on.
 */
async function endApiServer(context: Context, machine: Machine, withinMs: number): Promise<void> {
  if ((await containers(context, machine, apiServer)).length === 0) return
  await machine.host.mutate({
    what: `end ${apiServer}`,
    script: context.runtime.restartPodScript,
    args: [apiServer, String(Math.ceil(withinMs / 1000))],
    timeoutMs: 60_000 + withinMs,
  })
}

/** Whether an API server has closed its port: it was told to end, or has not begun. Where that cannot be seen it has not. */
async function isClosed({ spec }: Context, { host }: Machine): Promise<boolean> {
  const answer = await host.read({
    what: `whether ${apiServer} listens`,
    script: listeningScript,
    args: [asProcNetHas(spec.apiServer.bindPort)],
    timeoutMs: 20_000,
  })
  return answer.code === 0 && answer.stdout.toString().trim() === ''
}

/** Ids of the running containers of a static pod. */
async function containers({ runtime }: Context, { host }: Machine, name: string): Promise<string[]> {
  const answer = await host.read({ script: runtime.podContainersScript, args: [name], timeoutMs: 20_000 })
  if (answer.code !== 0) throw new Error(`cannot list the containers of ${name}: ${answer.stderr.trim()}`)
  return answer.stdout.toString().split('\n').filter(Boolean)
}
