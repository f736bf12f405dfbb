import { describe, expect, it } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { Late } from '../../../src/engine/late.js'
import { up } from '../../../src/workflows/up.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'
import { closureWrites } from './closure-writes.js'
import { sources } from './source.js'

/**
 * Between probe, diff and apply a step keeps nothing: what a look has learned is in what it observed (engine/step.ts).
 * What a plan found can then be applied without a second look, and a diff can be asked as often as one likes.
 */
describe('steps', () => {
  it('write nothing into what is around them, and what others need is handed on by learn', () => {
    const found = [...sources].flatMap(([file, text]) =>
      /\b(probe|diff|apply)\b/.test(text) ? closureWrites(text).map((write) => `${file}: ${write}`) : [],
    )
    expect(found).toEqual([])
  })

  it.each([
    ['probe: last = x', 'let last; const s = { probe: async () => { last = x }, diff: () => [] }'],
    [
      'diff: seen.n += 1',
      'const seen = { n: 0 }; const s = { ...other, diff: (o) => { seen.n += 1; return o } }',
    ],
    ['diff: late.set(o)', 'const s = (late) => ({ diff: (o) => { late.set(o); return [] }, apply: run })'],
    [
      'diff: c.a.set(1)',
      'const s = { probe: p, diff: (o) => of(o), apply: q }; function p() {} function of(o) { c.a.set(1) }',
    ],
    ['look: cidr?.set(x)', 'const s = waitFor({ look: async () => { cidr?.set(x) } })'],
    ['apply: done++', 'let done = 0; const s = { probe, apply: async () => { done++ }, diff: () => [] }'],
  ])('are looked through: %s is found', (write, text) => {
    expect(closureWrites(text)).toEqual([write])
  })

  it.each([
    'const s = { diff: (o) => { const m = new Map(); m.set(1, o); return [...m] }, probe: async () => { let x; x = 1; return x } }',
    'const s = { learn: (o) => late.set(o), diff: () => [], probe: async () => look() }',
    'const noStep = { apply: () => { at = 1 } }',
  ])('may write what is theirs: %s', (text) => {
    expect(closureWrites(text)).toEqual([])
  })
})

/** Plain data all the way down; what the tests' own hosts are made of is left as it is. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return
  const prototype: unknown = Object.getPrototypeOf(value)
  if (!Array.isArray(value) && prototype !== Object.prototype) return
  if ('connection' in value) return
  Object.freeze(value)
  for (const one of Object.values(value)) freeze(one)
}

const outcome = (work: () => unknown): unknown => {
  try {
    return work()
  } catch (error) {
    return String(error)
  }
}

describe('a diff', () => {
  it.each([
    ['nothing is there yet', {}],
    [
      'a cluster has begun',
      { '/etc/kubernetes/manifests/etcd.yaml': 'kind: Pod\n', '/etc/hosts': '127.0.0.1 localhost\n' },
    ],
  ] satisfies [string, Record<string, string>][])(
    'says the same of the same, and tells nobody, where %s',
    async (_, files) => {
      const machines = (['cp1', 'cp2', 'w1'] as const).map((name, i) => ({
        ...machine({ name, address: `10.88.0.1${i}`, roles: [name === 'w1' ? 'worker' : 'control-plane'] }),
        host: fakeHost(name, { files }),
      }))
      const podCidrs = new Map(machines.map(({ spec: { name } }) => [name, new Late<string>(name)]))
      const context = contextOf(machines, { podCidrs, now: () => new Date('2026-01-01') })
      const { nodes } = buildGraph(up.phases, context)
      const looks = await Promise.all(
        nodes.map(({ key, step }) =>
          step.probe({ planning: true, applied: false }).then(
            (observed) => [{ key, step, observed }],
            () => [],
          ),
        ),
      )
      for (const { key, step, observed } of looks.flat()) {
        freeze(observed)
        const first = outcome(() => step.diff(observed))
        expect(
          outcome(() => step.diff(observed)),
          key,
        ).toEqual(first)
      }
      expect(looks.flat().length).toBeGreaterThan(nodes.length / 2)
      expect([context.authorities, ...podCidrs.values()].some(({ known }) => known)).toBe(false)
      expect(machines.flatMap(({ host }) => host.done)).toEqual([])
    },
  )
})
