import { describe, expect, it } from 'vitest'
import type { Line } from '../../../../src/ui/live/line.js'
import { Window } from '../../../../src/ui/live/window.js'
import { FakeTerminal } from '../../../support/terminal.js'
import { hostile } from '../events.js'

function on(terminal: FakeTerminal): Window {
  const canvas = { size: () => terminal, write: (text: string) => void terminal.write(text) }
  return new Window(canvas, (_, text) => text)
}
const lines = (...texts: string[]): Line[] => texts.map((text) => [[text]])

/** A window of seven lines below another line, after the terminal got another size. */
async function resized(columns: number, rows: number): Promise<{ terminal: FakeTerminal; window: Window }> {
  const terminal = new FakeTerminal(60, 12)
  const window = on(terminal)
  terminal.write('before\r\n')
  window.draw(lines(...Array.from({ length: 7 }, (_, i) => `old ${i} ${'x'.repeat(48)}`)))
  await terminal.resize(columns, rows)
  window.resized(columns)
  return { terminal, window }
}

describe('a window', () => {
  it('is drawn below what is there, and over itself', async () => {
    const terminal = new FakeTerminal(40, 10)
    const window = on(terminal)
    terminal.write('before\r\n')
    window.draw(lines('one', 'two', 'three'))
    window.draw(lines('one', '2'))
    expect(await terminal.lines()).toEqual(['before', 'one', '2'])
    window.draw(lines('one', '2', 'three', 'four'))
    expect(await terminal.lines()).toEqual(['before', 'one', '2', 'three', 'four'])
  })

  it('writes nothing when nothing has changed, and only the lines that have', () => {
    const terminal = new FakeTerminal(40, 10)
    const window = on(terminal)
    window.draw(lines('first line', 'second line'))
    const { writes, text } = terminal
    window.draw(lines('first line', 'second line'))
    expect(terminal.writes).toBe(writes)
    window.draw(lines('first line', 'another line'))
    expect(terminal.text.slice(text.length)).toContain('another line')
    expect(terminal.text.slice(text.length)).not.toContain('first line')
  })

  it('scrolls what was there away when it needs the room, and no part of itself', async () => {
    const terminal = new FakeTerminal(40, 6)
    const window = on(terminal)
    terminal.write('a\r\nb\r\nc\r\nd\r\n')
    const five = ['1', '2', '3', '4', '5']
    window.draw(lines('1'))
    window.draw(lines(...five))
    window.draw(lines(...five.map((text) => `${text}!`)))
    expect(await terminal.everything()).toEqual(['a', 'b', 'c', 'd', ...five.map((text) => `${text}!`)])
  })

  it('has no line that is wrapped, and the last character of a full one stays', async () => {
    const terminal = new FakeTerminal(5, 6)
    const window = on(terminal)
    window.draw(lines('12345', '1234567', '你好吗'))
    expect(await terminal.wrapped()).toBe(false)
    expect((await terminal.lines())[0]).toBe('12345')
    window.draw(lines('abcde', '1234567', '你好吗'))
    expect((await terminal.lines())[0]).toBe('abcde')
  })

  it.each([
    ['wider', 90, 12],
    ['lower', 60, 8],
    ['higher', 60, 30],
    ['larger', 100, 40],
    ['narrower, where every line still fits', 55, 12],
  ])(
    'leaves nothing behind on a terminal that becomes %s, and what was above it stays',
    async (_, columns, rows) => {
      const { terminal, window } = await resized(columns, rows)
      window.draw(lines('new 1', 'new 2'))
      expect(await terminal.everything()).toEqual(['before', 'new 1', 'new 2'])
    },
  )

  it.each([
    ['narrower', 20, 12],
    ['smaller', 12, 8],
  ])('leaves nothing to be seen on a terminal that becomes %s than its lines', async (_, columns, rows) => {
    const { terminal, window } = await resized(columns, rows)
    window.draw(lines('new 1', 'new 2'))
    expect(await terminal.lines()).toEqual(['new 1', 'new 2'])
  })

  it('ends with other lines, and the cursor below them, to be seen', async () => {
    const terminal = new FakeTerminal(40, 10)
    const window = on(terminal)
    window.draw(lines('one', 'two', 'three'))
    window.end(lines('done'))
    terminal.write('$ ')
    expect(await terminal.lines()).toEqual(['done', '$'])
    expect(await terminal.cursor()).toEqual({ x: 2, y: 1, hidden: false })
  })

  it('left as it is it stands above what comes then', async () => {
    const terminal = new FakeTerminal(40, 10)
    const window = on(terminal)
    window.draw(lines('one', 'two'))
    window.leave()
    terminal.write('$ ')
    expect(await terminal.lines()).toEqual(['one', 'two', '$'])
    expect(await terminal.cursor()).toMatchObject({ hidden: false })
  })

  it('obeys no text', async () => {
    const terminal = new FakeTerminal(200, 10)
    const window = on(terminal)
    terminal.write('before\r\n')
    window.draw(lines(hostile, 'next'))
    expect(await terminal.lines()).toEqual(['before', expect.stringContaining('\\x1b[2J'), 'next'])
  })
})
