import { describe, expect, it } from 'vitest'
import type { RunEvent, StepRef, StepStatus } from '../../../../src/engine/events.js'
import { RunModel } from '../../../../src/ui/live/model.js'

const step = (phase: string, target: string, id: string): StepRef => ({
  key: `${target}/${id}`,
  target,
  phase,
  title: id,
})
const a1 = step('a', 'w1', 'one')
const a2 = step('a', 'w1', 'two')
const a3 = step('a', 'w2', 'three')
const b1 = step('b', 'cluster', 'four')
const phases = [
  { id: 'a', title: 'first' },
  { id: 'none', title: 'nothing in it' },
  { id: 'b', title: 'second' },
]
const begin: RunEvent = { type: 'run-started', at: 100, workflow: 'up', phases, steps: [a1, a2, a3, b1] }
const started = (of: StepRef, at: number): RunEvent => ({ type: 'step-started', at, step: of })
const finished = (of: StepRef, status: StepStatus, at: number, more: object = {}): RunEvent => ({
  type: 'step-finished',
  at,
  step: of,
  status,
  ms: 1,
  ...more,
})

function told(...events: RunEvent[]): RunModel {
  const model = new RunModel()
  for (const event of [begin, ...events]) model.on(event)
  return model
}
const states = (model: RunModel): string[] => model.phases.map((phase) => model.stateOf(phase))
const end: RunEvent = { type: 'run-finished', at: 900, ok: true, exitCode: 0, summary: {} }

describe('a run in counts', () => {
  it('has the phases that have steps, in order, and nothing under way before a step has started', () => {
    const model = told()
    expect(model.phases.map(({ title }) => title)).toEqual(['first', 'second'])
    expect(states(model)).toEqual(['waiting', 'waiting'])
    expect(model).toMatchObject({ steps: 4, ended: 0, settled: false, failure: undefined })
  })

  it('counts what waits for its turn by itself, and its time from when it has come', () => {
    const model = told(started(a1, 200), { type: 'step-waiting', at: 300, step: a1, for: ['node'] })
    expect(model.phases[0]).toMatchObject({ partsBusy: 0, waiting: 1, running: new Map() })
    expect(states(model)).toEqual(['running', 'waiting'])
    model.on({ type: 'step-resumed', at: 5000, step: a1 })
    expect(model.phases[0]).toMatchObject({ partsBusy: 1, waiting: 0 })
    expect([...(model.phases[0]?.running.values() ?? [])]).toMatchObject([{ since: 5000 }])
  })

  it('counts a target as done when all its steps have succeeded', () => {
    const model = told(finished(a1, 'ok', 200), finished(a3, 'changed', 210), started(a2, 220))
    expect(model.phases[0]).toMatchObject({
      parts: 2,
      partsDone: 1,
      partsBusy: 1,
      ended: 2,
      steps: 3,
      changed: 1,
    })
    expect(states(model)).toEqual(['running', 'waiting'])
    model.on(finished(a2, 'ok', 300))
    expect(model.phases[0]).toMatchObject({ partsDone: 2, partsBusy: 0 })
  })

  it.each([
    ['done', 'something was changed', ['ok', 'changed', 'ok']],
    ['up to date', 'there was nothing to do', ['ok', 'ok', 'ok']],
    ['failed', 'one step failed, whatever the others did', ['changed', 'failed', 'skipped']],
    ['not reached', 'some steps were skipped', ['changed', 'skipped', 'ok']],
    ['not reached', 'some steps were blocked', ['changed', 'blocked', 'ok']],
  ] as const)('a phase is %s when %s', (state, _, statuses) => {
    const model = told(...statuses.map((status, i) => finished([a1, a2, a3][i] ?? a1, status, 300)))
    expect(states(model)).toEqual([state, 'waiting'])
  })

  it('a phase in which nothing is under way waits, however far it is', () => {
    const model = told(started(a1, 200), finished(a1, 'changed', 300))
    expect(states(model)).toEqual(['waiting', 'waiting'])
  })

  it('what has not ended when the run has was not reached, and nothing is under way', () => {
    const model = told(started(a1, 200), end)
    expect(states(model)).toEqual(['not reached', 'not reached'])
    expect(model.phases[0]?.running.size).toBe(0)
  })

  it('knows the steps under way, the longest first, with their last words; an ended one is gone at once', () => {
    const progress = (text: string): RunEvent => ({ type: 'step-progress', at: 230, step: a3, text })
    const model = told(started(a3, 200), started(a1, 210), progress('10 %'), progress('20 %'))
    expect([...(model.phases[0]?.running.values() ?? [])]).toEqual([
      { target: 'w2', title: 'three', since: 200, text: '20 %' },
      { target: 'w1', title: 'one', since: 210, text: undefined },
    ])
    model.on(finished(a3, 'ok', 300))
    expect([...(model.phases[0]?.running.values() ?? [])].map(({ target }) => target)).toEqual(['w1'])
  })

  it('keeps the first failure of the run and of each target', () => {
    const failed = (of: StepRef, message: string): RunEvent =>
      finished(of, 'failed', 300, { error: { message } })
    const model = told(failed(a1, 'no disk'), failed(a2, 'no disk either'), failed(a3, 'no memory'))
    expect(model.failure).toMatchObject({ target: 'w1', title: 'one', error: { message: 'no disk' } })
    expect(
      [...(model.phases[0]?.failures ?? [])].map(([host, { error }]) => `${host} ${error.message}`),
    ).toEqual(['w1 no disk', 'w2 no memory'])
    expect(model.failed).toBe(3)
  })

  it('remembers the last changes, the latest first, and no more than a screen has room for', () => {
    const model = told()
    for (let i = 0; i < 100; i += 1)
      model.on(finished(a1, 'changed', 300, { changes: [{ kind: 'create', summary: `write ${i}` }] }))
    expect(model.recent[0]).toEqual({ target: 'w1', what: ['write 99'] })
    expect(model.recent.length).toBeLessThan(100)
  })

  it('counts blocked steps among those not reached, and by themselves', () => {
    const model = told(finished(a1, 'blocked', 300), finished(a3, 'skipped', 300))
    expect(model).toMatchObject({ missed: 2, blocked: 1 })
    expect(model.phases[0]).toMatchObject({ missed: 2, blocked: 1, partsDone: 0 })
  })

  it('pays no heed to steps of phases it does not know', () => {
    const stranger = step('z', 'w1', 'one')
    const model = told(started(stranger, 200), finished(stranger, 'failed', 300))
    expect(model).toMatchObject({ ended: 0, failed: 0 })
  })
})
