import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { driftReport } from '../../../../src/cli/drift.js'
import { planFileSchema } from '../../../../src/cli/plan/plan-file.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import type { Finding } from '../../../../src/engine/plan.js'
import { summaryOf } from '../../../../src/engine/summary.js'
import { isMapping } from '../../../../src/lib/is-mapping.js'
import { memoryStep, phaseOf } from '../../engine/memory-step.js'

const page = readFileSync('docs/plan.md', 'utf8')

/** Names of all fields of a value, however deep; those of numbers by kind or host are none. */
function fieldsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(fieldsOf)
  return isMapping(value) ? Object.entries(value).flatMap(([key, inner]) => [key, ...fieldsOf(inner)]) : []
}

/** Fields of a JSON Schema, however deep. */
function fieldsOfSchema(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(fieldsOfSchema)
  if (!isMapping(schema)) return []
  const own = isMapping(schema.properties) ? Object.keys(schema.properties) : []
  return [...own, ...Object.values(schema).flatMap(fieldsOfSchema)]
}

const step = memoryStep([], 'w1/a', { restarts: { of: 'unit', name: 'u' }, disrupts: () => 'node' })
const graph = buildGraph([phaseOf('p', step)], undefined)
const finding: Finding = {
  kind: 'differs',
  observed: undefined,
  changes: [
    {
      kind: 'restart',
      subjects: ['u'],
      summary: 's',
      diff: 'd',
      effects: [{ kind: 'restart', of: 'unit', name: 'u', afterDrain: true }],
    },
  ],
}
const plan = new Map([['w1/a', finding]])

describe('docs/plan.md', () => {
  it.each([
    [
      'a plan-summary',
      fieldsOf(summaryOf(graph, plan, { living: new Set(['w1']), birth: false, outages: { node: 1 } })),
    ],
    [
      'status --drift',
      fieldsOf(driftReport({ graph, plan }, [{ spec: { name: 'w2' }, error: new Error('x') }])),
    ],
    ['a plan in a file', fieldsOfSchema(z.toJSONSchema(planFileSchema))],
  ])('names every field of %s', (_, fields) => {
    expect(fields.length).toBeGreaterThan(5)
    expect(fields.filter((field) => !page.includes(`\`${field}\``))).toEqual([])
  })
})
