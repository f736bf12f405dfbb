import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kubernetes/client/api-error.js'
import { UserError } from '../../../src/lib/errors.js'
import { uncordonNodes } from '../../../src/phases/uncordon.js'
import { cordonedLabel } from '../../../src/steps/rollout/cordon.js'
import { nodeRef } from '../../../src/steps/rollout/nodes-api.js'
import { unseen } from '../../support/apply-now.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { type NodesWorld, nodesApi } from '../../support/nodes-api.js'

/** The step of a control plane node whose API answers so, one after the other; and how often it was asked. */
function uncordoning(...answers: (Error | object)[]) {
  const cp1 = machine({ name: 'cp1', roles: ['control-plane'] }, { kubernetes: true })
  let clock = 0
  let asked = 0
  const ask = async () => {
    const answer = answers[Math.min(asked, answers.length - 1)]
    asked += 1
    if (answer instanceof Error) throw answer
    return answer
  }
  const context = contextOf([cp1], {
    now: () => new Date(clock),
    sleep: async (ms) => {
      clock += ms
      // answers are shared within a turn
      await new Promise((resolve) => setImmediate(resolve))
    },
    kube: Object.assign(async () => ({ get: ask, list: ask }) as never, { renew: () => {} }),
  })
  const step = uncordonNodes.steps(context).find(({ id }) => id === 'uncordon')
  if (!step) throw new Error('no step')
  return { step, asked: () => asked, clock: () => clock }
}

const refused = new Error('Connection refused')
const forbidden = new ApiError(403, 'Forbidden', 'nodes is forbidden')

describe('uncordoning', () => {
  it('waits in a run for the API server, which may start for the first time after a birth that was cut', async () => {
    const { step, asked } = uncordoning(refused, refused, forbidden, {})
    expect(await step.probe()).toBe(false)
    expect(asked()).toBe(4)
  })

  it('ends its wait', async () => {
    const { step, clock } = uncordoning(refused)
    await expect(step.probe()).rejects.toThrow('Connection refused')
    expect(clock()).toBe(120_000)
  })

  it('asks once for a plan, and once where the answer is no', async () => {
    const planned = uncordoning(refused, [])
    await expect(planned.step.probe({ planning: true, applied: false })).rejects.toThrow('Connection refused')
    const told = uncordoning(new ApiError(401, 'Unauthorized', 'Unauthorized'), [])
    await expect(told.step.probe()).rejects.toThrow('Unauthorized')
    expect([planned.asked(), told.asked()]).toEqual([1, 1])
  })
})

describe('a node that was drained', () => {
  const at = (seconds: number): string => new Date(seconds * 1000).toISOString()
  /** How long it stays cordoned whose kubelet was started at 100 s, and says something again at `heard` seconds. */
  async function uncordoned(heard: number): Promise<number | string> {
    const world: NodesWorld = {
      nodes: { w1: { unschedulable: true, labels: { [cordonedLabel]: '1' } } },
      pods: [],
    }
    const { client } = nodesApi(world)
    let clock = 101
    const host = fakeHost('w1', { answer: () => ({ stdout: Buffer.from(`${clock}\n100\n100\n`) }) })
    const w1 = { ...machine({ name: 'w1', roles: ['worker'] }, { kubernetes: true }), host }
    const get: typeof client.get = async (ref) => {
      const node = await client.get(ref)
      const lastHeartbeatTime = at(clock >= heard ? heard : 90)
      return { ...node, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime }] } }
    }
    const context = contextOf([w1], {
      now: () => new Date(clock * 1000),
      sleep: async (ms) => {
        clock += ms / 1000
      },
      kube: Object.assign(
        async () => ({ ...client, get, watched: async () => [await get(nodeRef('w1'))] as never }),
        { renew: () => {} },
      ),
    })
    const step = uncordonNodes.steps(context).find(({ id }) => id === 'uncordon')
    if (!step) throw new Error('no step')
    try {
      await step.apply([], unseen)
    } catch (error) {
      return error instanceof UserError ? `${error.message}: ${error.why}` : String(error)
    }
    return world.nodes.w1?.unschedulable ? 'still cordoned' : clock
  }

  it('takes Pods when its kubelet has said since its start that it is Ready', async () => {
    expect(await uncordoned(130)).toBe(130)
  })

  it('stays cordoned where it does not, and the error says what is missing', async () => {
    expect(await uncordoned(9_999)).toBe(
      'w1 is not Ready and stays cordoned: the kubelet of w1 has not reported since its start',
    )
  })
})
