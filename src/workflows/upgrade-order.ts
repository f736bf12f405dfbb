import { type Context, isNew } from '../cluster/context.js'
import { isEtcdHost, isNode } from '../cluster/machine.js'
import type { Upgrade } from '../cluster/upgrade.js'
import type { Graph, Node } from '../engine/graph.js'
import { inStages } from '../engine/stages.js'
import { clusterTarget } from '../engine/step.js'
import { manifestPath } from '../steps/static-pods/manifest-path.js'

/** Done everywhere before anything of the control plane changes: most of what can fail, and of this nothing interrupts Pods. */
const first: ReadonlySet<string> = new Set([
  'proxy',
  'host',
  'repositories',
  'time-sync',
  'firewall',
  'packages',
  'images',
])

/** What these write is used by what runs, from then on: after the backup and the rights that it needs (phases/cluster-config.ts). */
const then: ReadonlySet<string> = new Set(['pki', 'kubeconfigs', 'etcd-hosts', 'balancer'])

/** The order on one control plane node: what others ask goes first, and no component is newer than its API server. */
const pods = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler']

/**
 * The order of an upgrade, in which kubernetes.io/releases/version-skew-policy is kept at every moment: preparations
 * everywhere; control plane nodes one after the other, of each etcd, API server, controller manager and scheduler; then all
 * that may not be newer than an API server: kubelets, kube-proxy and CoreDNS. (kubeadm upgrades the kubelet of a control
 * plane node before the API servers of others.)
 */
export function inUpgradeOrder(graph: Graph, context: Context, upgrade: Upgrade): Graph {
  const others = new Set(
    context.machines
      // a load balancer is no part of an upgrade, and asked by those that are
      .filter((machine) => (isNode(machine) || isEtcdHost(machine)) && isNew(context, machine))
      .map(({ spec }) => spec.name),
  )
  for (const name of context.planes.joining) others.add(name)
  const [backedUp, prepared, changed] = [0, 1, 2]
  const turns = new Map(upgrade.planes.map((name, i) => [name, changed + 1 + i * (pods.length + 1)]))
  const last = changed + 1 + upgrade.planes.length * (pods.length + 1)
  return inStages(graph, ({ phase, step }: Node): number => {
    if (phase === 'backup') return backedUp
    // an API that is silent may be what this run brings back
    if (others.has(step.target) || (step.target === clusterTarget && upgrade.silent)) return last
    if (step.prepares) return prepared
    // what waits for the turn of its node, in whatever phase
    if (step.within !== undefined) return last
    if (first.has(phase)) return prepared
    if (then.has(phase)) return changed
    const turn = turns.get(step.target)
    // those that were changed in an earlier run work before the next is changed
    if (turn === undefined)
      return ['component-files', 'control-plane', 'static-pods', 'api-ready'].includes(phase) &&
        step.target !== clusterTarget
        ? changed
        : last
    if (phase === 'static-pods') return turn + pods.length
    // etcd of the turn ends the API server, which comes back as it was
    if (phase === 'component-files') return turn + pods.indexOf('kube-apiserver')
    if (phase !== 'control-plane') return last
    const place = pods.findIndex((name) => step.id === `file:${manifestPath(name)}`)
    return place < 0 ? changed : turn + place
  })
}

/** An upgrade in a sentence: what goes first, and whether nodes are drained. Pure. */
export function upgradeWords({ from, to, planes, kubelets, drained }: Upgrade): string {
  const parts = [
    ...(planes.length > 0 ? [`control plane nodes first, one after the other (${planes.join(', ')})`] : []),
    ...(kubelets.size > 0
      ? [
          `${planes.length > 0 ? 'then ' : ''}kubelets, ${drained.size > 0 ? 'each after a drain' : 'without drains'}`,
        ]
      : []),
  ]
  return `upgrade from ${from} to ${to}: ${parts.join('; ')}`
}
