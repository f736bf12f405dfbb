import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { FakeTerminal } from '../support/terminal.js'

const missing = spawnSync('script', ['--version']).status !== 0

/** A run in a pseudo-terminal, and what the terminal shows. */
class Shown {
  readonly terminal: FakeTerminal
  readonly ended: Promise<number | null>
  readonly #child: ChildProcess

  constructor(
    mode: string,
    hosts: number,
    stepMs: number,
    {
      columns = 80,
      rows = 24,
      more = {},
    }: { columns?: number; rows?: number; more?: NodeJS.ProcessEnv } = {},
  ) {
    this.terminal = new FakeTerminal(columns, rows)
    const run = `KS_TTY=$(tty) exec ${process.execPath} test/support/live-run.js ${mode} ${hosts} ${stepMs}`
    const command = `stty cols ${columns} rows ${rows}; ${run}`
    const { NO_COLOR: _, ...env } = process.env
    // in a process group of its own: it stops itself with what it runs, and a group with a stopped process in it is sent SIGHUP,
    // all of it, tests and all, where its last way to a terminal goes meanwhile (setpgid(2), orphaned process groups)
    this.#child = spawn('script', ['-qefc', command, '/dev/null'], {
      stdio: 'pipe',
      detached: true,
      env: { ...env, TERM: 'xterm-256color', LC_ALL: 'C.UTF-8', SHELL: '/bin/sh', ...more },
    })
    this.#child.stdout?.setEncoding('utf8').on('data', (chunk: string) => this.terminal.write(chunk))
    this.ended = new Promise((resolve) => this.#child.once('close', resolve))
  }

  type(keys: string): void {
    this.#child.stdin?.write(keys)
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name)
  }

  /** Waits until a text has been written; fails when the run ends before. */
  async until(text: RegExp): Promise<void> {
    let over = false
    void this.ended.then(() => {
      over = true
    })
    while (!text.test(this.terminal.text)) {
      if (over) throw new Error(`ended without ${text}: ${this.terminal.text}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  async resize(columns: number, rows: number): Promise<void> {
    const tty = /the terminal is (\S+)/.exec(this.terminal.text)?.[1] ?? ''
    await this.terminal.resize(columns, rows)
    execFileSync('stty', ['-F', tty, 'cols', String(columns), 'rows', String(rows)])
  }
}

const done = [
  expect.stringMatching(/^✔ Host prerequisites {2}\d+\/\d+ hosts +\d+s {2}\d+ changed$/),
  expect.stringMatching(/^✔ Container runtime/),
  expect.stringMatching(/^✔ Kubelet/),
  'the last words',
]

describe.skipIf(missing)('in a real terminal, a run', () => {
  it.concurrent('shows a window of at most a screen, and then its summary and nothing else', async () => {
    const run = new Shown('fine', 40, 600)
    await run.until(/▸.*Kubelet/)
    const during = await run.terminal.lines()
    expect(during.filter((line) => line.startsWith('up  '))).toHaveLength(1)
    expect(during.some((line) => /^ {4}w\d+ +\d+s {2}\w+ of w\d+/.test(line))).toBe(true)
    expect(await run.ended).toBe(0)
    expect(await run.terminal.everything()).toEqual([expect.stringMatching(/^the terminal is/), ...done])
    expect(await run.terminal.wrapped()).toBe(false)
    expect(await run.terminal.cursor()).toEqual({ x: 0, y: 5, hidden: false })
    expect(run.terminal.text).toContain('\u001b[32m')
  })

  it.concurrent('names what failed, in the window and in the summary', async () => {
    const run = new Shown('failing', 5, 600)
    await run.until(/✖ w1/)
    expect(await run.ended).toBe(6)
    expect(await run.terminal.everything()).toEqual([
      expect.stringMatching(/^the terminal is/),
      done[0],
      expect.stringMatching(/^✖ Container runtime +4\/5 hosts +\d+s {2}1 failed, 9 changed$/),
      expect.stringMatching(/^⊘ Kubelet +4\/5 hosts +\d+s {2}2 not reached, 8 changed$/),
      'the last words',
    ])
  })

  it.concurrent('is drawn anew when the terminal is resized, again and again', async () => {
    const run = new Shown('fine', 60, 900, { columns: 100, rows: 30 })
    await run.until(/▸.*Host/)
    for (const [columns, rows] of [
      [50, 14],
      [120, 40],
      [40, 6],
      [80, 24],
    ] as const) {
      await run.resize(columns, rows)
      await expect
        .poll(
          async () => {
            const lines = await run.terminal.lines()
            return {
              heads: lines.filter((line) => line.startsWith('up  ')).length,
              fits: lines.length <= rows,
              wrapped: await run.terminal.wrapped(),
            }
          },
          { timeout: 4_000 },
        )
        .toEqual({ heads: 1, fits: true, wrapped: false })
    }
    expect(await run.ended).toBe(0)
    expect((await run.terminal.lines()).slice(-4)).toEqual(done)
  })

  it.concurrent('that is interrupted says so above the window, and ends in words', async () => {
    const run = new Shown('fine', 3, 400)
    await run.until(/▸.*Host/)
    run.type('\u0003')
    await run.until(/interrupted: finishing/)
    expect(await run.ended).toBe(130)
    const lines = await run.terminal.lines()
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^warning: interrupted: finishing the steps that have started/),
        expect.stringMatching(/^⊘ \d phases not reached: .*Kubelet$/),
      ]),
    )
    expect(await run.terminal.cursor()).toMatchObject({ x: 0, hidden: false })
  })

  it.concurrent('that is interrupted twice leaves the window as it is, and the terminal in order', async () => {
    const run = new Shown('fine', 3, 5000)
    await run.until(/▸.*Host/)
    run.type('\u0003')
    await run.until(/interrupted: finishing/)
    run.type('\u0003')
    expect(await run.ended).toBe(130)
    expect((await run.terminal.lines()).at(-1)).toBe('Interrupted: run again to finish')
    expect(await run.terminal.cursor()).toMatchObject({ x: 0, hidden: false })
  })

  it.concurrent.each(['bug', 'crash'])('that ends by a %s leaves the terminal in order', async (mode) => {
    const run = new Shown(mode, 3, 150)
    expect(await run.ended).toBe(1)
    const lines = await run.terminal.everything()
    expect(lines.join('\n')).toContain(mode === 'bug' ? 'a bug: made up' : 'nobody catches this')
    expect(lines.filter((line) => line.startsWith('up  ')).length).toBe(mode === 'bug' ? 0 : 1)
    expect(await run.terminal.cursor()).toMatchObject({ x: 0, hidden: false })
  })

  it.concurrent('has no colours where they are not wanted, and ASCII marks where the locale is not UTF-8', async () => {
    const run = new Shown('fine', 2, 50, { more: { NO_COLOR: '1', LC_ALL: 'C' } })
    expect(await run.ended).toBe(0)
    expect(run.terminal.text).not.toMatch(/\u001b\[\d*m/)
    expect(await run.terminal.lines()).toContainEqual(expect.stringMatching(/^\+ Kubelet /))
  })

  it.concurrent('is told in plain lines where nothing can be drawn', async () => {
    const run = new Shown('fine', 2, 50, { more: { TERM: 'dumb' } })
    expect(await run.ended).toBe(0)
    expect(run.terminal.text).not.toContain('\u001b')
    expect(run.terminal.text).toMatch(/\[ +\d\.\ds\] w1: modules of w1: write \/etc\/modules\.conf/)
  })

  it.concurrent('that is stopped and goes on is drawn below what it left', async () => {
    const run = new Shown('fine', 3, 500)
    await run.until(/▸.*Host/)
    const { length } = run.terminal.text
    process.kill(Number(/process (\d+)/.exec(run.terminal.text)?.[1]), 'SIGTSTP')
    await new Promise((resolve) => setTimeout(resolve, 300))
    // script has stopped itself as well, and passes this on
    run.signal('SIGCONT')
    expect(await run.ended).toBe(0)
    // below the window, the cursor shown, before anything is drawn again
    expect(run.terminal.text.slice(length)).toMatch(/(?:\r+\n){2,}\u001b\[\?25h\u001b\[\?25l/)
    const lines = await run.terminal.everything()
    expect(lines.filter((line) => line.startsWith('up  '))).toHaveLength(1)
    expect(lines.slice(-4)).toEqual(done)
  })
})
