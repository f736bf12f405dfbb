import { describe, expect, it, vi } from 'vitest'
import type { RunEvent, StepRef } from '../../../../src/engine/events.js'
import { unicodeMarks } from '../../../../src/ui/live/marks.js'
import { treeReporter } from '../../../../src/ui/tree.js'
import { eventsOf } from '../../../bench/view-events.js'
import { FakeTerminal } from '../../../support/terminal.js'

const step: StepRef = { key: 'w1/a', target: 'w1', phase: 'p', title: 'kubelet' }
const other: StepRef = { key: 'w2/a', target: 'w2', phase: 'p', title: 'kubelet' }
const begin: RunEvent = {
  type: 'run-started',
  at: 0,
  workflow: 'up',
  phases: [{ id: 'p', title: 'Kubelet' }],
  steps: [step, other],
}
const finished = (of: StepRef, at: number): RunEvent => ({
  type: 'step-finished',
  at,
  step: of,
  status: 'ok',
  ms: 1,
})
const warning: RunEvent = { type: 'message', at: 5, level: 'warning', text: 'swap is on', host: 'w1' }

function live(columns = 60, rows = 12) {
  const terminal = new FakeTerminal(columns, rows)
  const stream = terminal as unknown as NodeJS.WriteStream
  const reporter = treeReporter({
    stdout: stream,
    stderr: stream,
    paint: (_, text) => text,
    marks: unicodeMarks,
  })
  /** Waits for the next drawing. */
  const frame = async (): Promise<void> => {
    const before = terminal.writes
    await vi.waitUntil(() => terminal.writes > before, { timeout: 3_000, interval: 5 })
  }
  return { terminal, reporter, frame }
}

describe('the live view', () => {
  it('shows a run while it goes on, and its summary afterwards', async () => {
    const { terminal, reporter, frame } = live()
    reporter.on(begin)
    reporter.on({ type: 'step-started', at: 0, step })
    await frame()
    expect(await terminal.lines()).toEqual([
      'up  0/2 steps  0s',
      '▸ Kubelet  0/2 hosts     0s  1 running',
      '    w1     0s  kubelet',
    ])
    expect(await terminal.cursor()).toMatchObject({ hidden: true })
    reporter.on(finished(step, 20))
    reporter.on(finished(other, 20))
    expect(await terminal.lines()).toEqual(['= 1 phase up to date: Kubelet'])
    expect(await terminal.cursor()).toEqual({ x: 0, y: 1, hidden: false })
    await reporter.close()
  })

  it('keeps warnings above what it draws, and what others write for afterwards', async () => {
    const { terminal, reporter, frame } = live()
    const write = terminal.write
    reporter.on(begin)
    await frame()
    terminal.write('a word of Node.js\n')
    reporter.on(warning)
    await frame()
    expect(await terminal.lines()).toEqual([
      'warning: w1: swap is on',
      'up  0/2 steps  0s',
      '◦ Kubelet  0/2 hosts',
    ])
    await reporter.close()
    expect(await terminal.lines()).toEqual([
      'warning: w1: swap is on',
      '⊘ 1 phase not reached: Kubelet',
      'a word of Node.js',
    ])
    expect(terminal.write).toBe(write)
  })

  it('draws again for the size that the terminal has', async () => {
    const { terminal, reporter, frame } = live(60, 12)
    for (const event of eventsOf(40, 60_000, 2)) if (event.at <= 45_000) reporter.on(event)
    await frame()
    expect(await terminal.lines()).toHaveLength(11)
    for (const [columns, rows] of [
      [30, 9],
      [110, 31],
      [80, 4],
    ] as const) {
      await terminal.resize(columns, rows)
      await frame()
      const lines = await terminal.lines()
      expect(lines.length).toBeLessThan(rows)
      expect(lines.filter((line) => line.startsWith('up  '))).toHaveLength(1)
      expect(lines.some((line) => line.startsWith('✖ w'))).toBe(true)
      expect(await terminal.wrapped()).toBe(false)
    }
    await reporter.close()
  })

  it('is drawn at most ten times a second, and not at all when nothing changes', async () => {
    const { terminal, reporter } = live(100, 30)
    reporter.on(begin)
    const before = terminal.writes
    for (let i = 0; i < 60; i += 1) {
      reporter.on({ type: 'step-started', at: 0, step: { ...step, key: `w1/${i}`, title: `kubelet ${i}` } })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
    expect(terminal.writes - before).toBeLessThanOrEqual(8)
    await new Promise((resolve) => setTimeout(resolve, 130))
    const still = terminal.writes
    await new Promise((resolve) => setTimeout(resolve, 300))
    // a second may have passed meanwhile
    expect(terminal.writes - still).toBeLessThanOrEqual(1)
    await reporter.close()
  })

  it('listens to nothing any more when it has ended', async () => {
    const counts = (): number[] =>
      ['exit', 'SIGCONT', 'SIGTSTP', 'SIGINT'].map((name) => process.listenerCount(name))
    const before = counts()
    const { terminal, reporter } = live()
    reporter.on(begin)
    await reporter.close()
    expect(counts()).toEqual(before)
    expect(terminal.listenerCount('resize')).toBe(0)
  })

  it('shows the cursor when the process ends under it, and leaves what it has drawn', async () => {
    const { terminal, reporter, frame } = live()
    const on = vi.spyOn(process, 'on')
    reporter.on(begin)
    await frame()
    const exit = on.mock.calls.find(([name]) => name === 'exit')?.[1]
    on.mockRestore()
    terminal.write('last words\n')
    exit?.()
    expect(await terminal.lines()).toEqual(['up  0/2 steps  0s', '◦ Kubelet  0/2 hosts', 'last words'])
    expect(await terminal.cursor()).toMatchObject({ hidden: false })
    await reporter.close()
  })
})
