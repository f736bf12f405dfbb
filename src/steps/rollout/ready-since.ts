import type { Json } from '../../kubernetes/client/kube-client.js'
import { conditionOf, textAt } from '../../kubernetes/read.js'
import type { UnitTimes } from './unit-times.js'

/**
 * What is missing until a Node that is Ready has been so for `rollout.minReadySeconds`: since its kubelet and its runtime run,
 * and since it said so. Pure.
 */
export function readyTooShort(
  minReadyMs: number,
  name: string,
  node: Json,
  { now, started }: UnitTimes,
): string | undefined {
  const said = Date.parse(textAt(conditionOf(node, 'Ready'), 'lastTransitionTime'))
  const since = Math.max(...started.map((one) => one * 1000), Number.isNaN(said) ? 0 : said)
  const left = Math.ceil((minReadyMs - (now * 1000 - since)) / 1000)
  return minReadyMs === 0 || left <= 0
    ? undefined
    : `node ${name} is Ready for ${left} s more (rollout.minReadySeconds)`
}
