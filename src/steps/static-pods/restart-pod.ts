import { endBackOff } from '../../cluster/back-off.js'
import { type Context, hasSeveralPlanes } from '../../cluster/context.js'
import { type CrashWatch, crashWatch } from '../../cluster/crash-watch.js'
import type { Machine } from '../../cluster/machine.js'
import { untilOwnApi } from '../../cluster/own-api.js'
import type { Disruption } from '../../engine/step.js'
import { healthPorts } from '../../kubernetes/manifests/health-ports.js'
import { UserError } from '../../lib/errors.js'
import { asProcNetHas, listens } from '../../resources/listening.js'
import { podMark, removeMark } from '../../resources/marks.js'
import { untilSpare, untilWell } from '../etcd/spare.js'
import { untilBalanced } from './until-balanced.js'

/** How long an API server may take to be ready again. */
const readyMs = 120_000
/** How long one that nobody else asks may take to listen again. */
const listensMs = 60_000

/**
 * Ends a static pod's container and waits until it works again; then its mark goes. An API server, and an
 * etcd member, work when the API server beside them says it is ready, since it asks that member alone, and when the
 * load balancers send clients there again.
 * @param already the kubelet has made its pod anew by itself
 */
export async function restartPod(
  context: Context,
  machine: Machine,
  name: string,
  already = false,
): Promise<void> {
  const { host } = machine
  const member = isMember(context, name)
  if (!already && member) await untilSpare(context, machine)
  const watch = crashWatch(context, machine, containersBehind(context, name))
  if (!already) {
    await host.mutate({
      what: `restart static Pod ${name}`,
      script: context.runtime.restartPodScript,
      args: [name],
      timeoutMs: 60_000,
    })
    await endBackOff(context, machine, containersBehind(context, name))
    await untilListens(context, machine, name, watch)
  }
  await untilServes(context, machine, name, watch)
  await removeMark(host, podMark(name))
}

/** Waits until a static Pod works, whatever it is. Throws as soon as the watch knows that it will not. */
export async function untilWorks(
  context: Context,
  machine: Machine,
  name: string,
  watch: CrashWatch,
): Promise<void> {
  await untilListens(context, machine, name, watch)
  await untilServes(context, machine, name, watch)
}

/** Waits for what tells by itself that it works: an etcd member, an API server. */
async function untilServes(
  context: Context,
  machine: Machine,
  name: string,
  watch: CrashWatch,
): Promise<void> {
  if (isMember(context, name)) await untilWell(context, machine, watch)
  if (disruptionOf(context, name) === undefined) return
  await untilOwnApi(context, machine, readyMs, watch)
  await untilBalanced(context, machine)
}

/** The containers of kube-system on which the restart of a static pod waits. */
export function containersBehind({ spec }: Pick<Context, 'spec'>, name: string): string[] {
  if (name !== 'etcd' && name !== 'kube-apiserver') return [name]
  return spec.etcd.external ? ['kube-apiserver'] : ['etcd', 'kube-apiserver']
}

/** One of several etcd members: the others must do without it, and it be back before the next. */
export function isMember(context: Context, name: string): boolean {
  return name === 'etcd' && hasSeveralPlanes(context)
}

/**
 * What the cluster lacks while a static pod restarts. With stacked etcd a member and the API server beside it
 * go together: two control planes must not be without the one here and the other there.
 */
export function disruptionOf(context: Context, name: string): Disruption | undefined {
  if (name !== 'etcd' && name !== 'kube-apiserver') return undefined
  const together = !context.spec.etcd.external && hasSeveralPlanes(context)
  return together || name === 'etcd' ? 'etcd' : 'api'
}

/** What clients miss of it: an API server waits for the turn of the etcd member beside it, and that member stays. */
export function feltOf(name: string): { felt?: Disruption } {
  return name === 'kube-apiserver' ? { felt: 'api' } : {}
}

/** Waits until one that nobody else asks listens; of the others nothing is waited for here. */
async function untilListens(
  context: Context,
  { host }: Machine,
  name: string,
  watch: CrashWatch,
): Promise<void> {
  const port = asProcNetHas(healthPort(context, name))
  const deadline = context.now().getTime() + listensMs
  while (port !== '') {
    const answer = await host.read({ script: listens('1'), args: [port], timeoutMs: 10_000 })
    if (answer.code === 0) return
    await watch()
    if (context.now().getTime() > deadline)
      throw new UserError('step', `${name} did not listen on its port within ${listensMs / 1000} s`, {
        host: host.name,
      })
    await context.sleep(250)
  }
}

/** Where one listens once it works, of those whom nobody else asks; a flag that is a wrong one ends it before. */
function healthPort({ spec }: Context, name: string): number | undefined {
  if (name !== 'kube-scheduler' && name !== 'kube-controller-manager') return undefined
  const { extraArgs } = name === 'kube-scheduler' ? spec.scheduler : spec.controllerManager
  return Number(extraArgs['secure-port'] ?? healthPorts[name]) || undefined
}
