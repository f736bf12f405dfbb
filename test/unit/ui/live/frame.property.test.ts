import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { RunEvent, StepRef, StepStatus } from '../../../../src/engine/events.js'
import { frame, summary } from '../../../../src/ui/live/frame.js'
import { textOf } from '../../../../src/ui/live/line.js'
import { asciiMarks, unicodeMarks } from '../../../../src/ui/live/marks.js'
import { RunModel } from '../../../../src/ui/live/model.js'
import { width } from '../../../../src/ui/live/width.js'
import { Window } from '../../../../src/ui/live/window.js'
import { FakeTerminal } from '../../../support/terminal.js'
import { hostile } from '../events.js'

const words = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 60 }),
  fc.constantFrom(hostile, '你好'.repeat(60), '👩‍👩‍👧‍👦 family', 'é̂̃ marks', '\ud800', '❤️', 'a b '.repeat(80)),
)
const phaseIds = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h']
const step: fc.Arbitrary<StepRef> = fc.record({
  key: fc.integer({ min: 0, max: 30 }).map(String),
  target: fc.oneof(fc.constantFrom('w1', 'w2', 'w3', 'cluster'), words),
  phase: fc.constantFrom(...phaseIds, 'unknown'),
  title: words,
})
const at = fc.integer({ min: 0, max: 10_000_000 })
const event: fc.Arbitrary<RunEvent> = fc.oneof(
  fc.record({ type: fc.constant('step-started' as const), at, step }),
  fc.record({ type: fc.constant('step-waiting' as const), at, step, for: fc.constant(['node' as const]) }),
  fc.record({ type: fc.constant('step-resumed' as const), at, step }),
  fc.record({ type: fc.constant('step-progress' as const), at, step, text: words }),
  fc.record({
    type: fc.constant('step-finished' as const),
    at,
    step,
    status: fc.constantFrom<StepStatus>('ok', 'changed', 'failed', 'skipped', 'blocked'),
    ms: at,
    changes: fc.array(fc.record({ kind: fc.constant('create' as const), summary: words }), { maxLength: 3 }),
    error: fc.record({ message: words, why: words, cause: words, next: words }),
  }),
)
const run = fc
  .tuple(fc.array(step, { maxLength: 40 }), fc.array(event, { maxLength: 60 }), fc.array(words), fc.boolean())
  .map(([steps, events, titles, over]) => {
    const model = new RunModel()
    const phases = phaseIds.map((id, i) => ({ id, title: titles[i] ?? id }))
    model.on({ type: 'run-started', at: 0, workflow: 'up', phases, steps })
    for (const one of events) model.on(one)
    if (over) model.end()
    return model
  })
const size = fc.record({
  rows: fc.integer({ min: 0, max: 70 }),
  columns: fc.integer({ min: 0, max: 210 }),
  now: at,
  marks: fc.constantFrom(unicodeMarks, asciiMarks),
})

it('a frame never has more lines than the screen less one, and none is wider than the screen', () => {
  fc.assert(
    fc.property(run, size, (model, view) => {
      const lines = frame(model, view).map(textOf)
      expect(lines.length).toBeLessThanOrEqual(Math.max(0, view.rows - 1))
      for (const line of [...lines, ...summary(model, view).map(textOf)]) {
        expect(width(line)).toBeLessThanOrEqual(view.columns)
        expect(line).not.toContain('\n')
      }
    }),
    { numRuns: 150 },
  )
})

it('a terminal shows the last of any frames as if it were the first, and wraps no line', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(run, { minLength: 1, maxLength: 4 }),
      fc.integer({ min: 2, max: 30 }),
      fc.integer({ min: 5, max: 90 }),
      async (models, rows, columns) => {
        const frames = models.map((model) => frame(model, { rows, columns, now: 1000, marks: unicodeMarks }))
        const drawn = (lines: typeof frames): FakeTerminal => {
          const terminal = new FakeTerminal(columns, rows)
          const canvas = { size: () => terminal, write: (text: string) => void terminal.write(text) }
          const window = new Window(canvas, (_, text) => text)
          for (const one of lines) window.draw(one)
          return terminal
        }
        const all = drawn(frames)
        expect(await all.lines()).toEqual(await drawn(frames.slice(-1)).lines())
        expect(await all.wrapped()).toBe(false)
        expect(await all.cursor()).toMatchObject({ x: 0, hidden: true })
      },
    ),
    { numRuns: 25 },
  )
})
