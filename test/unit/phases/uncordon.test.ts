import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../src/kubernetes/client/api-error.js'
import { uncordonNodes } from '../../../src/phases/uncordon.js'
import { contextOf, machine } from '../../support/context.js'

/** The step of a control plane node whose API answers so, one after the other; and how often it was asked. */
function uncordoning(...answers: (Error | object[])[]) {
  const cp1 = machine({ name: 'cp1', roles: ['control-plane'] }, { kubernetes: true })
  let clock = 0
  let asked = 0
  const list = async () => {
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
    kube: Object.assign(async () => ({ list }) as never, { renew: () => {} }),
  })
  const [step] = uncordonNodes.steps(context)
  if (!step) throw new Error('no step')
  return { step, asked: () => asked, clock: () => clock }
}

const refused = new Error('Connection refused')
const forbidden = new ApiError(403, 'Forbidden', 'nodes is forbidden')

describe('uncordoning', () => {
  it('waits in a run for the API server, which may start for the first time after a birth that was cut', async () => {
    const { step, asked } = uncordoning(refused, refused, forbidden, [])
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
