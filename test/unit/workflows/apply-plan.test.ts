import { describe, expect, test } from 'vitest'
import type { RunEvent } from '../../../src/engine/events.js'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Finding, Plan } from '../../../src/engine/plan.js'
import type { Transfers } from '../../../src/host/transfer/transfers.js'
import { UserError } from '../../../src/lib/errors.js'
import { applyPlan } from '../../../src/workflows/execute.js'
import { Hands } from '../../../src/workflows/hands.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { type Log, memoryStep, phaseOf } from '../engine/memory-step.js'

const converged: Finding = { kind: 'converged' }
const failed = (message: string): Finding => ({ kind: 'failed', error: new UserError('connection', message) })
const differs: Finding = {
  kind: 'differs',
  changes: [{ kind: 'create', summary: 'make it' }],
  observed: undefined,
}

/** Applies a plan of two steps on a host. */
async function apply(guard: Finding, step: Finding) {
  const log: Log = []
  const host = fakeHost('cp1')
  const own = { ...machine(), host }
  const context = contextOf([own])
  const phase = phaseOf(
    'p',
    memoryStep(log, 'cp1/guard', { guards: true, there: true }),
    memoryStep(log, 'cp1/x', { there: step.kind === 'converged' }),
  )
  const workflow = { id: 'test', phases: [{ ...phase, steps: () => phase.steps(undefined) }] }
  const plan: Plan = new Map([
    ['cp1/guard', guard],
    ['cp1/x', step],
  ])
  const events: RunEvent[] = []
  const hands = await Hands.look([own], new Map(), { kind: 'change', epoch: 'e', words: 'me', first: false })
  const graph = buildGraph(workflow.phases, context)
  const ended = await applyPlan(
    workflow,
    context,
    { graph, plan },
    {
      hands,
      emit: (event) => events.push(event),
      now: () => 0,
      ignore: [],
    },
  ).catch((error: unknown) => error)
  return { log, host, ended, events }
}

describe('applying a plan', () => {
  test('changes nothing, and takes nothing over, when a guard could not look', async () => {
    const { log, host, ended } = await apply(failed('no answer'), differs)
    expect(ended).toMatchObject({ message: 'no answer' })
    expect([log, host.done]).toEqual([[], []])
  })

  test('takes the lock before the first change', async () => {
    const { log, host } = await apply(converged, differs)
    expect(host.done).toEqual(['hold'])
    expect(log).toContain('apply cp1/x')
  })

  test('tells what files hosts will receive before the first step, and ends that whatever happens', async () => {
    const log: Log = []
    const host = fakeHost('cp1')
    const own = { ...machine(), host }
    const asked: unknown[] = []
    const transfers = {
      begin: (wanted: unknown) => asked.push(wanted),
      end: async () => asked.push('end', log.includes('apply cp1/x')),
    } as unknown as Transfers
    const receives = { sha256: 'aa', bytes: 7 }
    const phase = phaseOf(
      'p',
      { ...memoryStep(log, 'cp1/x'), receives },
      { ...memoryStep(log, 'cp1/y', { there: true }), receives: { sha256: 'bb', bytes: 1 } },
    )
    const workflow = { id: 'test', phases: [{ ...phase, steps: () => phase.steps(undefined) }] }
    const context = { ...contextOf([own]), transfers }
    const hands = await Hands.look([own], new Map(), {
      kind: 'change',
      epoch: 'e',
      words: 'me',
      first: false,
    })
    const plan: Plan = new Map<string, Finding>([
      ['cp1/x', differs],
      ['cp1/y', converged],
    ])
    const graph = buildGraph(workflow.phases, context)
    await applyPlan(workflow, context, { graph, plan }, { hands, emit: () => {}, now: () => 0, ignore: [] })
    expect(asked).toEqual([[{ ...receives, hosts: ['cp1'] }], 'end', true])
  })

  test('takes nothing over when every step was looked at and none would change anything', async () => {
    const { host, events } = await apply(converged, converged)
    expect(host.done).toEqual([])
    expect(events.filter(({ type }) => type === 'message')).toEqual([])
  })

  test('fails by name where another run took the cluster over before all was done', async () => {
    const log: Log = []
    const own = { ...machine(), host: fakeHost('cp1') }
    const lost = new UserError('step', 'another run has taken over the cluster', { endsRun: true })
    const hands = Object.defineProperty(
      await Hands.look([own], new Map(), { kind: 'change', epoch: 'e', words: 'me', first: false }),
      'lost',
      { get: () => lost },
    )
    const phase = phaseOf('p', memoryStep(log, 'cp1/x'))
    const workflow = { id: 'test', phases: [{ ...phase, steps: () => phase.steps(undefined) }] }
    const context = contextOf([own])
    const found = { graph: buildGraph(workflow.phases, context), plan: new Map([['cp1/x', differs]]) }
    const { errors } = await applyPlan(workflow, context, found, {
      hands,
      emit: () => {},
      now: () => 0,
      ignore: [],
    })
    expect(errors).toEqual([{ key: 'cluster', error: lost }])
    expect(log).not.toContain('apply cp1/x')
  })

  test('tells of each look that failed, and looks again before it concludes anything', async () => {
    const { log, host, events } = await apply(converged, failed('no answer within 10 s'))
    expect(host.done).toEqual(['hold'])
    expect(log).toContain('probe cp1/x')
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'message',
        level: 'warning',
        host: 'cp1',
        text: expect.stringContaining('no answer within 10 s'),
      }),
    )
  })
})
