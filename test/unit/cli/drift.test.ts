import { describe, expect, it } from 'vitest'
import { driftCode, driftReport, driftText } from '../../../src/cli/drift.js'
import { buildGraph } from '../../../src/engine/graph.js'
import type { Finding } from '../../../src/engine/plan.js'
import { NoAnswer } from '../../../src/lib/errors.js'
import { memoryStep, phaseOf } from '../engine/memory-step.js'

const graph = buildGraph([phaseOf('p', memoryStep([], 'cp1/a'), memoryStep([], 'w1/b'))], undefined)
const converged: Finding = { kind: 'converged' }
const differs: Finding = {
  kind: 'differs',
  observed: undefined,
  changes: [{ kind: 'update', summary: 'change /a', diff: '-x\n+y' }],
}
const unknown: Finding = { kind: 'unknown', why: 'it depends on earlier changes' }
const failed: Finding = { kind: 'failed', error: new Error('not to be read') }
const silent: Finding = { kind: 'failed', error: new NoAnswer('no answer within 10 s', { host: 'w1' }) }
const away = [{ spec: { name: 'w2' }, error: new NoAnswer('cannot reach w2') }]

const found = (a: Finding, b: Finding) => ({
  graph,
  plan: new Map([
    ['cp1/a', a],
    ['w1/b', b],
  ]),
})

describe('status --drift', () => {
  it.each([
    ['nothing differs', found(converged, converged), [], 0],
    ['a step differs', found(differs, converged), [], 10],
    ['a step is known after apply only', found(converged, unknown), [], 10],
    ['a step could not be checked', found(differs, failed), [], 6],
    ['a host gave no answer', found(differs, silent), [], 5],
    ['a host is away', found(converged, converged), away, 5],
  ])('ends, where %s, with its exit code', (_, plan, gone, code) => {
    expect(driftCode(plan, gone)).toBe(code)
    expect(driftReport(plan, gone).converged).toBe(code === 0)
  })

  it('prints nothing where nothing differs', () => {
    expect(driftText(driftReport(found(converged, converged), []))).toBe('')
  })

  it('prints a line a difference, and what could not be checked first', () => {
    expect(driftText(driftReport(found(differs, failed), away))).toBe(`\
w2: could not check the host: cannot reach w2
w1: could not check w1/b: not to be read
cp1: change /a
`)
    expect(driftText(driftReport(found(converged, unknown), []))).toBe('w1: w1/b: known after apply\n')
  })

  it('has the changes in its JSON, and nothing that was only observed', () => {
    expect(driftReport(found(differs, unknown), [])).toEqual({
      converged: false,
      steps: [
        { key: 'cp1/a', host: 'cp1', title: 'cp1/a', changes: differs.changes },
        { key: 'w1/b', host: 'w1', title: 'w1/b' },
      ],
      notChecked: [],
    })
  })
})
