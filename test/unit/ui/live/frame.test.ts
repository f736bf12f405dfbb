import { describe, expect, it } from 'vitest'
import type { RunEvent } from '../../../../src/engine/events.js'
import { Secret } from '../../../../src/lib/secret.js'
import { frame, summary } from '../../../../src/ui/live/frame.js'
import { textOf } from '../../../../src/ui/live/line.js'
import { asciiMarks, marksFor, unicodeMarks } from '../../../../src/ui/live/marks.js'
import { RunModel } from '../../../../src/ui/live/model.js'
import { eventsOf } from '../../../bench/view-events.js'
import { hostile, leaking, obeyed } from '../events.js'

/** A model that was told all events up to a moment. */
function modelAt(events: readonly RunEvent[], moment: number): RunModel {
  const model = new RunModel()
  for (const event of events) if (event.at <= moment) model.on(event)
  return model
}

const view = (columns: number, rows: number, now: number, marks = unicodeMarks) => ({
  columns,
  rows,
  now,
  marks,
})
const text = (lines: ReturnType<typeof frame>): string => `${lines.map(textOf).join('\n')}\n`

const minute = 60_000
const fleet = eventsOf(500, minute, 3)
const early = modelAt(eventsOf(4, minute), 14_000)
const birth = modelAt(fleet, 20_000)
const broken = modelAt(fleet, 45_000)
const ended = modelAt(fleet, minute)

describe('a frame', () => {
  it.each([
    [80, 24],
    [100, 30],
    [200, 60],
  ])('of %i × %i shows a run on four and on five hundred hosts', async (columns, rows) => {
    const frames = [
      frame(early, view(columns, rows, 14_500)),
      frame(birth, view(columns, rows, 20_500)),
      frame(broken, view(columns, rows, 45_500)),
      summary(ended, view(columns, rows, minute)),
    ]
    await expect(frames.map(text).join('\n---\n\n')).toMatchFileSnapshot(`frames/${columns}x${rows}.txt`)
  })

  it('has ASCII marks where the locale is not UTF-8', () => {
    const shown = text(frame(broken, view(80, 24, 45_500, asciiMarks)))
    expect(shown).toMatch(/^[\x20-\x7e\n]*$/)
    expect(shown).toContain('\nx Certificates')
  })

  it('names the failure last, with what to do', () => {
    const lines = frame(broken, view(80, 24, 45_500)).map(textOf)
    expect(lines.slice(-5)).toEqual([
      expect.stringMatching(/^✖ w\d: certificates 1: the unit did not start$/),
      '  | exit code 1',
      '  | no space left on device',
      '  → free some space and run kubestrap up again',
      '  and 2 more failed',
    ])
  })

  it('leaves out what there is no room for, and keeps what failed and what to do', () => {
    const lines = frame(broken, view(60, 6, 45_500)).map(textOf)
    expect(lines).toHaveLength(5)
    expect(lines.join('\n')).toMatch(/✖ w\d: [\s\S]*→ free some space/)
    expect(frame(broken, view(60, 1, 45_500))).toEqual([])
  })

  it('ticks by whole seconds: within one it stays as it is', () => {
    const second = text(frame(birth, view(80, 24, 20_100)))
    expect(text(frame(birth, view(80, 24, 20_099)))).toBe(second)
    expect(text(frame(birth, view(80, 24, 22_100)))).not.toBe(second)
  })
})

describe('what a machine says', () => {
  const phase = { id: 'p', title: 'phase' }
  const withWords = (words: string): RunModel => {
    const events = leaking(words)
    const steps = events.flatMap((event) => ('step' in event ? [event.step] : []))
    const model = new RunModel()
    model.on({ type: 'run-started', at: 0, workflow: 'up', phases: [phase], steps })
    for (const event of events) model.on(event)
    model.on({
      type: 'step-started',
      at: 0,
      step: { key: 'w2/x', target: words, phase: 'p', title: words },
    })
    return model
  }

  it('stays on its line and moves nothing', () => {
    const lines = frame(withWords(hostile), view(200, 60, 0)).map(textOf)
    expect(lines.join('\n')).toContain('\\x1b[2J')
    expect(lines.join('')).not.toMatch(obeyed)
    expect(lines.filter((line) => line.includes('\n') || line.startsWith('Done'))).toEqual([])
  })

  it.each([200, 30, 12])('shows no secret, not the beginning of one either, at %i columns', (columns) => {
    const secret = new Secret('Tr0ub4dor-and-a-horse')
    const model = withWords(`with ${secret.reveal()} and more`)
    for (const lines of [frame(model, view(columns, 60, 0)), summary(model, view(columns, 60, 0))])
      expect(text(lines)).not.toContain('Tr0')
  })
})

describe('marks', () => {
  it.each([
    [{ LANG: 'en_GB.UTF-8' }, unicodeMarks],
    [{}, unicodeMarks],
    [{ LC_ALL: '', LANG: 'C.utf8' }, unicodeMarks],
    [{ LC_ALL: 'C', LANG: 'en_GB.UTF-8' }, asciiMarks],
    [{ LANG: 'de_DE.ISO-8859-1' }, asciiMarks],
    [{ LANG: 'en_GB.UTF-8', TERM: 'linux' }, asciiMarks],
  ])('of %j', (env, marks) => {
    expect(marksFor(env)).toBe(marks)
  })

  it('tell every state from every other', () => {
    for (const { of } of [unicodeMarks, asciiMarks])
      expect(new Set(Object.values(of)).size).toBe(Object.keys(of).length)
  })
})
