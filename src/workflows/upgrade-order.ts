import { type Context, isNew } from '../cluster/context.js'
import type { Upgrade } from '../cluster/upgrade.js'
import type { Graph, Node } from '../engine/graph.js'
import { inStages } from '../engine/stages.js'
import { manifestPath } from '../steps/static-pods/manifest-path.js'

/** Done everywhere before anything of the control plane changes: most of what can fail, and of this nothing interrupts Pods. */
const first: ReadonlySet<string> = new Set([
  'backup',
  'proxy',
  'host',
  'repositories',
  'time-sync',
  'firewall',
  'packages',
  'images',
  'pki',
  'kubeconfigs',
  'etcd-hosts',
  'balancer',
])

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
    context.machines.filter((machine) => isNew(context, machine)).map(({ spec }) => spec.name),
  )
  for (const name of context.planes.joining) others.add(name)
  const turns = new Map(upgrade.planes.map((name, i) => [name, 1 + i * (pods.length + 1)]))
  const last = 1 + upgrade.planes.length * (pods.length + 1)
  return inStages(graph, ({ phase, step }: Node): number => {
    if (others.has(step.target)) return last
    if (first.has(phase) || step.prepares) return 0
    const turn = turns.get(step.target)
    if (turn === undefined) return phase === 'control-plane' || phase === 'static-pods' ? 0 : last
    if (phase === 'static-pods') return turn + pods.length
    if (phase !== 'control-plane') return last
    const place = pods.findIndex((name) => step.id === `file:${manifestPath(name)}`)
    return place < 0 ? 0 : turn + place
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
