import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import { textAt } from '../../kubernetes/read.js'
import { isReady } from './cordon.js'
import { heardSince } from './heard-since.js'
import { readyTooShort } from './ready-since.js'
import { unitTimes } from './unit-times.js'

/**
 * What is missing until a node that was interrupted does its part again, in a few words: the kubelet that runs now has said so
 * itself, in the version that it should be, and for `rollout.minReadySeconds`. Throws when it cannot be told.
 * @param version "v1.36.2": what the Node is to tell of its kubelet; undefined: whatever it tells
 */
export async function notWell(
  { spec: { rollout }, runtime }: Pick<Context, 'spec' | 'runtime'>,
  machine: Machine,
  node: Json,
  version?: string,
): Promise<string | undefined> {
  const { name } = machine.spec
  const { now, started } = await unitTimes(machine, [kubeletUnit, runtime.unit])
  const [kubelet = 0] = started
  if (!heardSince(node, { now, started: kubelet }))
    return `the kubelet of ${name} has not reported since its start`
  const told = textAt(node, 'status', 'nodeInfo', 'kubeletVersion')
  if (version !== undefined && told !== version) return `the kubelet of ${name} is ${told}, not ${version}`
  if (!isReady(node)) return `node ${name} is not Ready`
  return readyTooShort(rollout.minReadyMs, name, node, { now, started })
}
