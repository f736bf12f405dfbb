import { afterEach, describe, expect, it, vi } from 'vitest'
import { confirmInterruptions } from '../../../../src/cli/plan/confirm.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import type { Finding } from '../../../../src/engine/plan.js'
import type { Planned } from '../../../../src/workflows/execute.js'
import { memoryStep, phaseOf } from '../../engine/memory-step.js'

const graph = buildGraph([phaseOf('kubelet', memoryStep([], 'w1/file'))], undefined)
const finding: Finding = {
  kind: 'differs',
  observed: undefined,
  changes: [
    {
      kind: 'update',
      summary: 'change /f',
      effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
    },
  ],
}
const found = (living: string[]): Planned => ({
  graph,
  plan: new Map([['w1/file', finding]]),
  strangers: [],
  world: { living: new Set(living), birth: living.length === 0, outages: {} },
})
const human = { human: true }

afterEach(() => vi.restoreAllMocks())

describe('before a plan is applied', () => {
  it('nobody is asked where no living host is interrupted, or after --yes', async () => {
    expect(await confirmInterruptions({})(found([]), human)).toBe(true)
    expect(await confirmInterruptions({})(found(['w2']), { human: false })).toBe(true)
    expect(await confirmInterruptions({ yes: true })(found(['w1']), { human: false })).toBe(true)
  })

  it.each([
    ['there is no terminal', true],
    ['the output is for a program', false],
  ])('it is refused where %s, with what would be interrupted and the way out', async (_, human) => {
    await expect(confirmInterruptions({})(found(['w1']), { human })).rejects.toMatchObject({
      kind: 'usage',
      message: 'this interrupts a running cluster (w1), and there is no terminal to ask on',
      why: expect.stringContaining('w1: restarts kubelet.service'),
      next: 'nothing was changed; to go on without a question add --yes',
    })
  })
})
