import type { Json } from '../../kubernetes/client/kube-client.js'
import { at, condition, listAt, nameOf, textAt } from '../../kubernetes/read.js'

/** What the nodes of a cluster mean for a suite (test/e2e/framework/node/resource.go). */
export interface ReadyNodes {
  /** Names of nodes that Pods without tolerations are scheduled to. */
  schedulable: readonly string[]
  /** Names of nodes that are cordoned or not Ready: a suite waits for them. */
  unready: readonly string[]
  /** Keys of taints that keep Pods away, and are there to stay: a suite waits for such a node unless it is told the key. */
  taints: readonly string[]
}

/** The node lifecycle controller sets and removes these itself. */
const passing = /^node\.kubernetes\.io\//

export function readyNodes(nodes: readonly Json[]): ReadyNodes {
  const seen = nodes.map((node) => {
    const taints = listAt(node, 'spec', 'taints')
      .filter((taint) => ['NoSchedule', 'NoExecute'].includes(textAt(taint, 'effect')))
      .map((taint) => textAt(taint, 'key'))
    const ready = condition(node, 'Ready') === 'True' && at(node, 'spec', 'unschedulable') !== true
    return { name: nameOf(node), ready, taints }
  })
  return {
    schedulable: seen.filter(({ ready, taints }) => ready && taints.length === 0).map(({ name }) => name),
    unready: seen.filter(({ ready }) => !ready).map(({ name }) => name),
    taints: [...new Set(seen.flatMap(({ taints }) => taints))].filter((key) => !passing.test(key)).sort(),
  }
}
