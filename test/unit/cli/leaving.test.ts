import { afterEach, describe, expect, it, vi } from 'vitest'
import { type ConvergeOptions, converge } from '../../../src/cli/converge.js'
import { removeHosts } from '../../../src/cli/leaving.js'
import type { Reporting } from '../../../src/cli/reporting.js'
import { runRollout } from '../../../src/cli/rollout/run.js'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Finding } from '../../../src/engine/plan.js'
import type { Planned } from '../../../src/workflows/execute.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'
import { memoryStep, phaseOf } from '../engine/memory-step.js'

vi.mock('../../../src/cli/converge.js', () => ({ converge: vi.fn(async () => 0) }))
vi.mock('../../../src/cli/inventory.js', async (original) => ({
  ...(await original<object>()),
  inventoryOf: vi.fn(async () => spec),
}))

const spec = clusterSpec({
  hosts: [hostSpec({ name: 'cp1' }), hostSpec({ name: 'w1', address: '10.0.0.21', roles: ['worker'] })],
})
const removal: Finding = {
  kind: 'differs',
  observed: undefined,
  changes: [{ kind: 'remove', summary: 'remove /f' }],
}
const found: Planned = {
  graph: buildGraph([phaseOf('reset', memoryStep([], 'w1/file'))], undefined),
  plan: new Map([['w1/file', removal]]),
  strangers: [],
  world: { living: new Set(['w1']), birth: false, outages: {} },
}

/** What a command that was run would answer to the question whether to go on. */
async function answer(run: () => Promise<number>, human: boolean): Promise<boolean | undefined> {
  await run()
  const options = vi.mocked(converge).mock.lastCall?.[2] as ConvergeOptions
  return options.confirm?.(found, { human } as Reporting)
}

afterEach(() => vi.clearAllMocks())

describe('without a terminal a command that asks shows what it would do, and refuses', () => {
  const leave = (command: 'remove' | 'reset', values = {}, hosts = ['w1']) =>
    removeHosts(spec, values, { command, hosts, gone: false, warnings: ['w1 is missed.'] })

  it.each(['remove', 'reset'] as const)('%s', async (command) => {
    await expect(answer(() => leave(command), true)).rejects.toMatchObject({
      kind: 'usage',
      message: 'this removes what is listed from w1, and there is no terminal to ask on',
      why: '~ w1: remove /f\nw1 is missed.',
      next: 'nothing was changed; to go on without a question add --yes',
    })
  })

  it('reset of the whole cluster also says that its data is lost', async () => {
    await expect(answer(() => leave('reset', {}, ['cp1', 'w1']), false)).rejects.toMatchObject({
      why: expect.stringContaining(
        'This destroys the cluster and its data (etcd): cp1 is its only control plane.',
      ),
    })
  })

  it('a rollout', async () => {
    const reboot = () =>
      runRollout({ hosts: ['w1'], timeout: '10m' }, { kind: 'reboot', verb: 'reboots', nodesOnly: false })
    await expect(answer(reboot, true)).rejects.toMatchObject({
      message: 'this reboots w1, and there is no terminal to ask on',
      why: '~ w1: remove /f',
    })
  })

  it('of more changes than a person reads their numbers', async () => {
    const many = Array.from({ length: 61 }, () => ({ kind: 'remove' as const, summary: 'remove /f' }))
    const plan = new Map([['w1/file', { ...removal, changes: many }]])
    await leave('reset')
    const confirm = vi.mocked(converge).mock.lastCall?.[2]?.confirm
    await expect(confirm?.({ ...found, plan }, { human: true } as Reporting)).rejects.toMatchObject({
      why: expect.stringMatching(/HOST +PHASE +CHANGES\nw1 +reset +61 remove/),
    })
  })

  it('with --yes nothing is asked', async () => {
    expect(await answer(() => leave('reset', { yes: true }), false)).toBe(true)
  })
})
