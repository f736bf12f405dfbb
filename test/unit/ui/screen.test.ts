import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { printPlan } from '../../../src/cli/plan/print-plan.js'
import { printError } from '../../../src/cli/print-error.js'
import type { RunEvent } from '../../../src/engine/events.js'
import { buildGraph } from '../../../src/engine/graph.js'
import { Secret } from '../../../src/lib/secret.js'
import { table } from '../../../src/ui/format.js'
import { jsonReporter } from '../../../src/ui/json.js'
import { junitReporter } from '../../../src/ui/junit.js'
import { unicodeMarks } from '../../../src/ui/live/marks.js'
import { openLogFile } from '../../../src/ui/log-file.js'
import { plainReporter } from '../../../src/ui/plain.js'
import type { Reporter } from '../../../src/ui/reporter.js'
import { passOn, print, printJson, printSecret, tell } from '../../../src/ui/screen.js'
import { treeReporter } from '../../../src/ui/tree.js'
import { FakeTerminal } from '../../support/terminal.js'
import { hostile, leaking, obeyed } from './events.js'
import { Sink } from './sink.js'

/** Everything written to standard output and error meanwhile. */
async function screen(work: () => unknown): Promise<string> {
  let text = ''
  const take = (chunk: unknown): boolean => {
    text += String(chunk)
    return true
  }
  const spies = [process.stdout, process.stderr].map((stream) =>
    vi.spyOn(stream, 'write').mockImplementation(take),
  )
  try {
    await work()
  } finally {
    for (const spy of spies) spy.mockRestore()
  }
  return text
}

afterEach(() => vi.restoreAllMocks())

const phase = { id: 'p', title: 'phase' }
const steps = leaking(hostile).flatMap((event) => ('step' in event ? [event.step] : []))
const events: readonly RunEvent[] = [
  { type: 'run-started', at: 0, workflow: 'up', phases: [phase], steps: steps.slice(0, 1) },
  ...leaking(hostile),
  { type: 'run-finished', at: 9, ok: false, exitCode: 6, summary: {} },
]

async function reported(reporter: Reporter): Promise<void> {
  for (const event of events) reporter.on(event)
  reporter.onCommand?.(
    { type: 'change', host: 'w1', what: hostile, end: hostile, ms: 1, tail: `no\n${hostile}` },
    3,
  )
  await reporter.close()
}

/** Lines that a reader would take for ours. */
const forged = (text: string): string[] => text.split('\n').filter((line) => line.startsWith('Done'))

describe("a machine's words", () => {
  it.each([
    ['plain', (out: Sink) => plainReporter(out)],
    ['plain, verbose', (out: Sink) => plainReporter(out, true)],
    ['json', (out: Sink) => jsonReporter(out)],
    ['junit', (out: Sink) => junitReporter(out)],
  ])('move nothing and forge no line in the %s report', async (_, make) => {
    const out = new Sink()
    await reported(make(out))
    expect(out.text).toContain('Done')
    expect(out.text).not.toMatch(obeyed)
    expect(forged(out.text)).toEqual([])
  })

  it('move nothing in the live view', async () => {
    const terminal = new FakeTerminal(400, 40)
    const stream = terminal as unknown as NodeJS.WriteStream
    const text = await screen(() =>
      reported(
        treeReporter({ stdout: stream, stderr: stream, paint: (_, text) => text, marks: unicodeMarks }),
      ),
    )
    const drawn = `${terminal.text}${text}`
    expect(drawn).toContain('\\x1b[2J')
    // the window's own: cursor, wrapping, erasing
    expect(drawn.replace(/\r|\u001b\[(?:\?(?:25|7)[hl]|[KJ]|\d+A)/g, '')).not.toMatch(obeyed)
    expect(forged(drawn)).toEqual([])
    expect(forged((await terminal.everything()).join('\n'))).toEqual([])
  })

  it('come back whole from JSON', async () => {
    const out = new Sink()
    await reported(jsonReporter(out))
    const lines = out.text.trimEnd().split('\n')
    expect(lines.map((line) => JSON.parse(line))).toEqual(events)
  })

  it('move nothing in an error, and its lines stand under it', async () => {
    const text = await screen(() =>
      printError({ message: hostile, why: `a\n${hostile}`, likely: hostile, next: hostile, host: hostile }),
    )
    expect(text).not.toMatch(obeyed)
    expect(forged(text)).toEqual([])
  })

  it.each([false, true])('move nothing in a plan (json: %s)', async (json) => {
    const step = {
      id: 'a',
      title: hostile,
      target: 'w1',
      probe: async () => 0,
      diff: () => [],
      apply: async () => {},
      disrupts: () => 'node' as const,
    }
    const graph = buildGraph([{ ...phase, about: '', steps: () => [step, { ...step, id: 'b' }] }], undefined)
    const text = await screen(() =>
      printPlan(
        {
          graph,
          plan: new Map([
            [
              'w1/a',
              {
                kind: 'differs',
                changes: [
                  {
                    kind: 'update',
                    summary: hostile,
                    diff: hostile,
                    effects: [{ kind: 'remark', text: hostile }],
                  },
                ],
                observed: undefined,
              },
            ],
            ['w1/b', { kind: 'unknown', why: hostile }],
          ]),
          world: { living: new Set(['w1']), birth: false, outages: {} },
        },
        { json },
      ),
    )
    expect(text).toContain('Done')
    expect(text).not.toMatch(obeyed)
    expect(forged(text)).toEqual([])
  })

  it('stay in their cell of a table', () => {
    const text = table([
      ['NODE', 'STATUS'],
      ['w1', hostile],
      ['w2', 'Ready\tReady'],
    ])
    expect(text.split('\n')).toHaveLength(3)
    expect(text).not.toMatch(obeyed)
  })

  it('move nothing when the log is read on a terminal', () => {
    const directory = mkdtempSync(join(tmpdir(), 'ks-log-'))
    try {
      const log = openLogFile(join(directory, 'x.log'), { now: () => new Date(0), onLost: () => {} })
      log.write({ type: 'change', tail: hostile })
      const text = readFileSync(log.path, 'utf8')
      expect(text).not.toMatch(obeyed)
      expect(JSON.parse(text)).toMatchObject({ tail: hostile })
    } finally {
      rmSync(directory, { recursive: true })
    }
  })
})

describe('the screen', () => {
  it('shows no secret and moves nothing by print, tell, printJson', async () => {
    const secret = new Secret('correct-horse-2')
    const text = await screen(() => {
      print(`${secret.reveal()} ${hostile}`)
      tell(`${secret.reveal()} ${hostile}`)
      printJson({ a: `${secret.reveal()} ${hostile}` })
    })
    expect(text).not.toContain('horse')
    expect(text).not.toMatch(obeyed)
  })

  it('shows a secret that was asked for, on a line of its own', async () => {
    expect(await screen(() => printSecret(new Secret('join it --token abcdef')))).toBe(
      'join it --token abcdef\n',
    )
  })

  it("passes a command's output on as it is into a pipe, and written out on a terminal", () => {
    const pipe = new Sink()
    passOn(pipe, hostile)
    expect(pipe.text).toBe(hostile)
    const terminal = Object.assign(new Sink(), { isTTY: true })
    passOn(terminal, hostile)
    expect(terminal.text).not.toMatch(obeyed)
  })
})
