import type { Disruption } from '../engine/step.js'
import { healthPorts } from '../kubernetes/manifests/health-ports.js'
import { asProcNetHas, untilListening } from '../resources/listening.js'
import { markDirectory, podMark } from '../resources/marks.js'
import { type Context, controlPlanes } from './context.js'
import { untilSpare, untilWell } from './etcd/spare.js'
import type { Machine } from './machine.js'
import { untilOwnApi } from './own-api.js'
import { untilBalanced } from './until-balanced.js'

/** How long an API server may take to be ready again. */
const readyMs = 120_000

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
  if (!already)
    await host.mutate({
      what: `restart static Pod ${name}`,
      script: `${context.runtime.restartPodScript}${untilListening}
          until_listening "$2" "$1"`,
      args: [name, asProcNetHas(healthPort(context, name))],
      timeoutMs: 120_000,
    })
  if (member) await untilWell(context, machine)
  if (disruptionOf(context, name)) {
    await untilOwnApi(context, machine, readyMs)
    await untilBalanced(context, machine)
  }
  await host.mutate({
    script: 'rm -f -- "$1"',
    args: [`${markDirectory}/${podMark(name)}`],
    timeoutMs: 10_000,
  })
}

/** One of several etcd members: the others must do without it, and it be back before the next. */
export function isMember(context: Context, name: string): boolean {
  return name === 'etcd' && controlPlanes(context).length > 1
}

/**
 * What the cluster lacks while a static pod restarts. With stacked etcd a member and the API server beside it
 * go together: two control planes must not be without the one here and the other there.
 */
export function disruptionOf(context: Context, name: string): Disruption | undefined {
  if (name !== 'etcd' && name !== 'kube-apiserver') return undefined
  const together = !context.spec.etcd.external && controlPlanes(context).length > 1
  return together || name === 'etcd' ? 'etcd' : 'api'
}

/** Where one listens once it works, of those whom nobody else asks; a flag that is a wrong one ends it before. */
function healthPort({ spec }: Context, name: string): number | undefined {
  if (name !== 'kube-scheduler' && name !== 'kube-controller-manager') return undefined
  const { extraArgs } = name === 'kube-scheduler' ? spec.scheduler : spec.controllerManager
  return Number(extraArgs['secure-port'] ?? healthPorts[name]) || undefined
}
