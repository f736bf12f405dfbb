import { describe, expect, it } from 'vitest'
import { refuseChanged, refuseForeign } from '../../../../src/cli/plan/compare.js'
import { encodePlan } from '../../../../src/cli/plan/encode.js'
import { onlyPlanned } from '../../../../src/cli/plan/only-planned.js'
import type { PlanFile } from '../../../../src/cli/plan/plan-file.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import type { Finding, Plan } from '../../../../src/engine/plan.js'
import { UserError } from '../../../../src/lib/errors.js'
import { memoryStep, phaseOf } from '../../engine/memory-step.js'

const digest = 'b'.repeat(64)
const about = {
  kubestrap: '0.1.0',
  made: '2026-11-29T10:00:00.000Z',
  inventory: { file: '/inventory.yaml', sha256: digest },
  cluster: { ca: [digest] },
  limit: null,
  salt: digest,
} satisfies Partial<PlanFile>

const graph = buildGraph(
  [
    phaseOf(
      'p',
      memoryStep([], 'w1/a', { unshown: (content) => String(content) }),
      memoryStep([], 'w1/b'),
      memoryStep([], 'w1/late'),
      memoryStep([], 'w1/unit', { restarts: { of: 'unit', name: 'kubelet.service' } }),
      memoryStep([], 'w2/unit', { restarts: { of: 'unit', name: 'kubelet.service' } }),
      memoryStep([], 'w1/waits', { waits: true }),
      memoryStep([], 'w1/uncordon', { leaves: true }),
    ),
  ],
  undefined,
)
const node = (key: string) => {
  const found = graph.nodes.find((one) => one.key === key)
  if (!found) throw new Error(key)
  return found
}
const differs = (summary: string, observed?: unknown): Finding => ({
  kind: 'differs',
  observed,
  changes: [{ kind: 'update', summary, effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }] }],
})
const unknown: Finding = { kind: 'unknown', why: 'the API server' }
const planned: Plan = new Map([
  ['w1/a', differs('change a', 1)],
  ['w1/late', unknown],
])
const file = encodePlan({ graph, plan: planned }, about)

const whyNot = (plan: Plan, ca: string[] | null = [digest]): string => {
  try {
    refuseChanged('plan.json', file, { graph, plan }, ca ?? undefined)
    return ''
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    expect([error.kind, error.message]).toEqual(['preflight', 'plan.json is not what would be done now'])
    return error.why ?? ''
  }
}

describe('a plan is held against what is found now', () => {
  const now = (...over: [string, Finding][]): Plan => new Map([...planned, ...over])
  it.each<[string, Plan, string]>([
    ['the same', now(), ''],
    ['a step that only waits', now(['w1/waits', differs('wait')]), ''],
    [
      'a step that appeared',
      now(['w1/b', differs('change b')]),
      'w1: w1/b: not in the plan, and would be changed now',
    ],
    [
      'one that cannot be known and was not there',
      now(['w1/b', unknown]),
      'w1: w1/b: not in the plan, and would be changed now',
    ],
    [
      'a step that is gone',
      now(['w1/a', { kind: 'converged' }]),
      'w1: w1/a: in the plan, and nothing is to be changed any more',
    ],
    [
      'other changes',
      now(['w1/a', differs('change a otherwise', 1)]),
      'w1: w1/a: other changes than in the plan',
    ],
    [
      'the same words of another content',
      now(['w1/a', differs('change a', 2)]),
      'w1: w1/a: other changes than in the plan',
    ],
    [
      'one that is known now',
      now(['w1/late', differs('x')]),
      'w1: w1/late: was known after apply only, and is known now',
    ],
    [
      'one that could not be looked at',
      now(['w1/a', { kind: 'failed', error: new Error('no') }]),
      'w1: w1/a: could not be checked now',
    ],
  ])('%s', (_, plan, why) => {
    expect(whyNot(plan)).toBe(why)
  })

  it('of another cluster is refused, and so is one of a cluster where there is none', () => {
    expect(whyNot(planned, ['c'.repeat(64)])).toContain('the cluster is another')
    expect(whyNot(planned, null)).toContain('and is not created yet')
  })

  it('of another inventory or version of kubestrap is refused before any host is asked', () => {
    const now = { kubestrap: '0.1.0', inventory: { sha256: digest } }
    expect(() => refuseForeign('plan.json', file, now)).not.toThrow()
    expect(() => refuseForeign('plan.json', file, { ...now, kubestrap: '0.2.0' })).toThrow(UserError)
    expect(() => refuseForeign('plan.json', file, { ...now, inventory: { sha256: 'x' } })).toThrow(UserError)
  })
})

describe('of a plan is applied', () => {
  const permits = onlyPlanned(
    'plan.json',
    encodePlan({ graph, plan: new Map([['w1/a', differs('a')]]) }, about),
  )
  it.each([
    ['w1/a', true],
    ['w1/b', false],
    ['w1/late', false],
    ['w1/unit', true],
    ['w2/unit', false],
    ['w1/waits', true],
    ['w1/uncordon', true],
  ])('%s: %s', (key, may) => {
    const refused = permits(node(key), [])
    expect(refused === undefined).toBe(may)
    if (refused) expect(refused.message).toContain('is not in plan.json')
  })

  it('what was not known, by its key alone, with the readers on its host', () => {
    const late = onlyPlanned('plan.json', encodePlan({ graph, plan: new Map([['w1/late', unknown]]) }, about))
    expect(['w1/late', 'w1/unit', 'w2/unit', 'w1/a'].map((key) => late(node(key), []) === undefined)).toEqual(
      [true, true, false, false],
    )
  })
})
