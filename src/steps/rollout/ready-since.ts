import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import { conditionOf, textAt } from '../../kubernetes/read.js'

/**
 * What is missing until a Node that is Ready has been so for `rollout.minReadySeconds`: since its kubelet runs, and since it
 * said so. Both are told by the clock of its host; only times of one clock are compared. Throws when it cannot be told.
 */
export async function readyTooShort(
  { spec: { rollout } }: Pick<Context, 'spec'>,
  { spec: { name }, host }: Pick<Machine, 'spec' | 'host'>,
  node: Json,
): Promise<string | undefined> {
  if (rollout.minReadyMs === 0) return undefined
  const answer = await host.read({
    what: 'ask since when the kubelet runs',
    logged: true,
    script: 'date +%s && date -d "$(systemctl show -p ActiveEnterTimestamp --value -- "$1")" +%s',
    args: [kubeletUnit],
  })
  const [now = Number.NaN, started = Number.NaN] = answer.stdout.toString().trim().split('\n').map(Number)
  if (answer.code !== 0 || !Number.isSafeInteger(now) || !Number.isSafeInteger(started))
    throw new Error(`cannot tell since when the kubelet of ${name} runs: ${answer.stderr.trim()}`)
  const said = Date.parse(textAt(conditionOf(node, 'Ready'), 'lastTransitionTime'))
  const since = Math.max(started * 1000, Number.isNaN(said) ? 0 : said)
  const left = Math.ceil((rollout.minReadyMs - (now * 1000 - since)) / 1000)
  return left <= 0 ? undefined : `node ${name} is Ready for ${left} s more (rollout.minReadySeconds)`
}
