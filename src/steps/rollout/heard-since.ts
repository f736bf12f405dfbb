import type { Json } from '../../kubernetes/client/kube-client.js'
import { conditionOf, textAt } from '../../kubernetes/read.js'

/**
 * How long a kubelet runs at most until the first status that it writes (its pkg/kubelet/kubelet_node_status.go: at once),
 * seconds: what was said in the very second of its start may until then be of the kubelet before it.
 */
const firstStatusSeconds = 5

/**
 * Whether what a Node says of being Ready was said by the kubelet that runs, which has run since `started`: for about 40 seconds
 * the API has what was true before. Heartbeats are told in whole seconds. Pure.
 * @param times of the clock of its host, seconds since 1970
 */
export function heardSince(node: Json, { now, started }: { now: number; started: number }): boolean {
  // the clock was set back since: nothing can be told by it
  if (started > now) return true
  const said = Math.floor(Date.parse(textAt(conditionOf(node, 'Ready'), 'lastHeartbeatTime')) / 1000)
  return said > started || (said === started && now - started >= firstStatusSeconds)
}
