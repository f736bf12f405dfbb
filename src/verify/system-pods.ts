import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { NotSoYet } from './check.js'
import { condition, listAt, nameOf, textAt } from './read.js'

/**
 * Every pod of kube-system is Ready, and those that must be there are: static pods of each control
 * plane, kube-proxy on each node. Throws NotSoYet naming the others and why they wait.
 */
export async function systemPodsReady(
  kube: KubeClient,
  expected: readonly string[],
  proxies: number,
): Promise<string> {
  const pods = await kube.list({ apiVersion: 'v1', kind: 'Pod' }, 'kube-system')
  const missing = expected
    .filter((name) => !pods.some((pod) => nameOf(pod) === name))
    .map((name) => `${name} is missing`)
  const found = pods.filter((pod) => nameOf(pod).startsWith('kube-proxy-')).length
  if (found < proxies) missing.push(`${found} of ${proxies} kube-proxy pods`)
  const waiting = pods
    .filter((pod) => condition(pod, 'Ready') !== 'True' && textAt(pod, 'status', 'phase') !== 'Succeeded')
    .map((pod) => `${nameOf(pod)}: ${reason(pod)}`)
  if (missing.length + waiting.length > 0) throw new NotSoYet([...missing, ...waiting].join('; '))
  return `${pods.length} pods`
}

function reason(pod: unknown): string {
  for (const status of listAt(pod, 'status', 'containerStatuses')) {
    const waiting = textAt(status, 'state', 'waiting', 'reason')
    if (waiting) return `${waiting} ${textAt(status, 'state', 'waiting', 'message')}`.trim()
  }
  return `${textAt(pod, 'status', 'phase') || 'unknown'}, not ready`
}
