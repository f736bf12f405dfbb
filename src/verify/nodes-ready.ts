import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { at, condition, conditionOf, internalAddress, nameOf, textAt } from '../kubernetes/read.js'
import { NotSoYet } from './check.js'
import type { Listing } from './watching.js'

/** Throws NotSoYet naming the nodes that are missing or not Ready. */
export async function nodesReady(kube: Listing, names: readonly string[]): Promise<string> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' })
  const byName = new Map(nodes.map((one) => [nameOf(one), one]))
  const bad = names.flatMap((name) => {
    const node = byName.get(name)
    if (!node) return [`${name} is not registered`]
    if (condition(node, 'Ready') === 'True') return []
    return [
      `${name} is not Ready: ${textAt(conditionOf(node, 'Ready'), 'message') || 'no status from its kubelet'}`,
    ]
  })
  if (bad.length > 0) throw new NotSoYet(bad.join('; '))
  return `${names.length} nodes`
}

/** Rows for a table, as `kubectl get nodes -o wide` has them. */
export async function nodeRows(kube: KubeClient): Promise<string[][]> {
  const nodes = await kube.list({ apiVersion: 'v1', kind: 'Node' })
  return nodes.map((node) => {
    const labels = Object.keys(Object(Reflect.get(Object(node.metadata), 'labels')))
    const roles = labels.flatMap((label) => /^node-role\.kubernetes\.io\/(.+)$/.exec(label)?.[1] ?? [])
    return [
      nameOf(node),
      [
        condition(node, 'Ready') === 'True' ? 'Ready' : 'NotReady',
        ...(at(node, 'spec', 'unschedulable') === true ? ['SchedulingDisabled'] : []),
      ].join(','),
      roles.sort().join(',') || '-',
      textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
      internalAddress(node),
      textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion'),
    ]
  })
}
