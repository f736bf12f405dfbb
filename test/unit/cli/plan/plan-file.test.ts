import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { decodePlanFile, type PlanFile } from '../../../../src/cli/plan/plan-file.js'
import { readPlan, writePlan } from '../../../../src/cli/plan/store.js'
import { UserError } from '../../../../src/lib/errors.js'
import { Secret } from '../../../../src/lib/secret.js'

const directory = mkdtempSync(join(tmpdir(), 'ks-plan-'))
afterAll(() => rmSync(directory, { recursive: true }))

const digest = 'a'.repeat(64)
const plan: PlanFile = {
  format: 1,
  kubestrap: '0.1.0',
  made: '2026-11-29T10:00:00.000Z',
  inventory: { file: '/inventory.yaml', sha256: digest },
  cluster: { ca: [digest] },
  limit: null,
  salt: digest,
  steps: [
    {
      key: 'w1/file:/f',
      host: 'w1',
      phase: 'kubelet',
      title: '/f',
      kind: 'differs',
      changes: [
        {
          kind: 'update',
          subjects: ['/f'],
          summary: 'change /f',
          diff: '-a\n+b',
          effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
        },
      ],
      digest,
    },
    { key: 'w1/x', host: 'w1', phase: 'join', title: 'x', kind: 'unknown', why: 'the API server' },
  ],
}

const failure = (text: string): UserError => {
  try {
    decodePlanFile(text, 'plan.json')
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  throw new Error('was decoded')
}

describe('a plan in a file', () => {
  it('is read as it was written, by its owner alone', async () => {
    const file = join(directory, 'plan.json')
    writeFileSync(file, 'another', { mode: 0o644 })
    await writePlan(file, plan)
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(await readPlan(file)).toEqual(plan)
  })

  it('holds no secret', async () => {
    const secret = new Secret('correct horse battery staple')
    const file = join(directory, 'secret.json')
    const [first, ...others] = plan.steps
    if (first?.kind !== 'differs') throw new Error('another plan')
    const changes = first.changes.map((change) => ({ ...change, diff: `+password: ${secret.reveal()}` }))
    await writePlan(file, { ...plan, steps: [{ ...first, changes }, ...others] })
    expect(readFileSync(file, 'utf8')).not.toContain('horse')
  })

  it('that cannot be read or written is told with its name', async () => {
    const nowhere = join(directory, 'absent', 'plan.json')
    await expect(readPlan(nowhere)).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot read ${nowhere}`,
    })
    await expect(writePlan(nowhere, plan)).rejects.toMatchObject({
      kind: 'usage',
      message: `cannot write ${nowhere}`,
    })
  })
})

describe('what is no plan is refused at its place', () => {
  const but = (over: object): string => JSON.stringify({ ...plan, ...over })
  it.each([
    ['text that ends early', '{\n  "format": 1,', /^plan\.json:2:\d+: is no JSON$/],
    ['text that is no JSON', '{\n "format" 1 }', /^plan\.json:2:\d+: is no JSON$/],
    ['another document', '{"kind": "Pod"}', /^plan\.json: is no plan of kubestrap$/],
    ['a later format', but({ format: 2 }), /^plan\.json: format 2 is not known$/],
    ['a missing field', but({ salt: undefined }), /^plan\.json: salt: /],
    ['an unknown field', but({ more: 1 }), /^plan\.json: the file: .*"more"/],
    [
      'a step of no kind',
      but({ steps: [plan.steps[1], { ...plan.steps[1], kind: 'x' }] }),
      /^plan\.json: steps\[1\]\.kind: /,
    ],
    [
      'an effect of no kind',
      but({
        steps: [{ ...plan.steps[0], changes: [{ kind: 'k', summary: 's', effects: [{ kind: 'x' }] }] }],
      }),
      /^plan\.json: steps\[0\]\.changes\[0\]\.effects\[0\]\.kind: /,
    ],
    [
      'a step twice',
      but({ steps: [plan.steps[1], plan.steps[1]] }),
      /^plan\.json: steps\[1\]\.key: w1\/x is there twice$/,
    ],
  ])('%s', (_, text, message) => {
    const error = failure(text)
    expect(error.message).toMatch(message)
    expect(error.kind).toBe('usage')
    expect(error.next).toContain('kubestrap plan --out')
  })

  it('whatever the text is: an error of the file, and no bug', () => {
    const mutated = fc
      .tuple(fc.nat(), fc.nat({ max: 40 }), fc.string({ maxLength: 20 }))
      .map(([at, cut, put]) => {
        const text = JSON.stringify(plan)
        const from = at % text.length
        return text.slice(0, from) + put + text.slice(from + cut)
      })
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json(), mutated), (text) => {
        try {
          expect(decodePlanFile(text, 'plan.json').format).toBe(1)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
          expect(String(error)).toContain('plan.json')
        }
      }),
      { numRuns: 2000 },
    )
  })

  it('whatever value stands in the place of a field', () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(plan)), fc.jsonValue({ maxDepth: 4 }), (field, value) => {
        try {
          decodePlanFile(but({ [field]: value }), 'plan.json')
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
    )
  })
})
