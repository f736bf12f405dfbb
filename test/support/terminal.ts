import { EventEmitter } from 'node:events'
import headless from '@xterm/headless'

/** What a process sees of a terminal, and what a person does: an emulator behind a stream. */
export class FakeTerminal extends EventEmitter {
  readonly isTTY = true
  readonly #screen: InstanceType<typeof headless.Terminal>
  /** Everything written to it. */
  text = ''
  /** How often something was written. */
  writes = 0

  constructor(
    public columns: number,
    public rows: number,
  ) {
    super()
    this.#screen = new headless.Terminal({ cols: columns, rows, scrollback: 500, allowProposedApi: true })
  }

  write = (text: string | Uint8Array): boolean => {
    this.text += String(text)
    this.writes += 1
    // a terminal's own line discipline: a line feed also returns
    this.#screen.write(String(text).replace(/\r?\n/g, '\r\n'))
    return true
  }

  /** Gives the window another size, as a person does by dragging its corner. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#shown()
    this.#screen.resize(columns, rows)
    this.columns = columns
    this.rows = rows
    this.emit('resize')
  }

  /** The lines that can be seen, without empty ones at the end. */
  async lines(): Promise<string[]> {
    await this.#shown()
    const { active } = this.#screen.buffer
    const lines = Array.from(
      { length: this.rows },
      (_, i) => active.getLine(active.baseY + i)?.translateToString(true) ?? '',
    )
    return trimmed(lines)
  }

  /** All lines, also those that have been scrolled away. */
  async everything(): Promise<string[]> {
    await this.#shown()
    const { active } = this.#screen.buffer
    return trimmed(
      Array.from({ length: active.length }, (_, i) => active.getLine(i)?.translateToString(true) ?? ''),
    )
  }

  /** Whether a line that can be seen goes on in the next: something was too wide. */
  async wrapped(): Promise<boolean> {
    await this.#shown()
    const { active } = this.#screen.buffer
    return Array.from({ length: this.rows }, (_, i) => active.getLine(active.baseY + i)?.isWrapped).includes(
      true,
    )
  }

  /** Where the cursor stands among what can be seen. */
  async cursor(): Promise<{ x: number; y: number; hidden: boolean }> {
    await this.#shown()
    const { cursorX: x, cursorY: y } = this.#screen.buffer.active
    const last = [...this.text.matchAll(/\u001b\[\?25([hl])/g)].at(-1)
    return { x, y, hidden: last?.[1] === 'l' }
  }

  #shown(): Promise<void> {
    return new Promise((resolve) => this.#screen.write('', resolve))
  }
}

function trimmed(padded: string[]): string[] {
  const lines = padded.map((line) => line.trimEnd())
  const last = lines.findLastIndex((line) => line !== '')
  return lines.slice(0, last + 1)
}
