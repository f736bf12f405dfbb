import { type Context, controlPlanes, nodes } from '../cluster/context.js'
import { at, condition, listAt, nameOf, textAt } from '../kubernetes/read.js'
import { NotSoYet } from './check.js'
import { staticPodNames } from './control-plane-running.js'
import type { Listing } from './watching.js'

/**
 * Every pod of kube-system is Ready and kube-proxy is on each node. Throws NotSoYet naming the others
 * and why they wait. Static pods are left out: the API's view of them (mirror pods) comes up to a
 * minute after they run (kubelet resync), so they are asked about on their machines.
 */
export async function systemPodsReady(context: Context, kube: Listing): Promise<string> {
  const mirrors = controlPlanes(context).flatMap(({ spec }) =>
    staticPodNames(context).map((pod) => `${pod}-${spec.name}`),
  )
  // what is on nodes that are away is not asked for
  const proxies = nodes(context).length
  const all = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, 'kube-system')
  const pods = all.filter(
    (pod) => !mirrors.includes(nameOf(pod)) && !context.away.has(textAt(pod, 'spec', 'nodeName')),
  )
  const found = pods.filter((pod) => nameOf(pod).startsWith('kube-proxy-')).length
  const missing = found < proxies ? [`${found} of ${proxies} kube-proxy Pods`] : []
  const waiting = pods.flatMap((pod) => {
    if (textAt(pod, 'status', 'phase') === 'Succeeded') return []
    const why = condition(pod, 'Ready') === 'True' ? restarting(pod, context.now()) : reason(pod)
    return why === undefined ? [] : [`${nameOf(pod)}: ${why}`]
  })
  if (missing.length + waiting.length > 0) throw new NotSoYet([...missing, ...waiting].join('; '))
  return `${pods.length} Pods`
}

/** A container without a readiness probe is ready in each moment that it runs, also between two crashes. */
const steadyMs = 10_000
/** One restart is nothing: a component that came before what it needs. */
const fewRestarts = 1

function restarting(pod: unknown, now: Date): string | undefined {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const count = Number(at(status, 'restartCount') ?? 0)
    const age = now.getTime() - Date.parse(textAt(status, 'state', 'running', 'startedAt'))
    if (count > fewRestarts && age < steadyMs)
      return `the container restarted ${count} times and has just started`
  }
  return undefined
}

function reason(pod: unknown): string {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const waiting = textAt(status, 'state', 'waiting', 'reason')
    if (waiting) return `${waiting} ${textAt(status, 'state', 'waiting', 'message')}`.trim()
  }
  return `${textAt(pod, 'status', 'phase') || 'unknown'}, not ready`
}
