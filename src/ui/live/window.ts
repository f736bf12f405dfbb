import { visibleLine } from '../../lib/visible.js'
import { type Line, type Style, textOf } from './line.js'
import { width } from './width.js'

/** Where a window is drawn: a terminal's size, and a way to write to it. */
export interface Canvas {
  /** 0 or undefined where the terminal does not tell. */
  size(): { rows: number | undefined; columns: number | undefined }
  write(text: string): void
}

/** Colours a text, or leaves it. */
export type Paint = (style: Style, text: string) => string

const hideCursor = '\u001b[?25l'
const showCursor = '\u001b[?25h'
/** Without it a line that the terminal takes for wider than we do is cut, not wrapped. */
const noWrap = '\u001b[?7l'
const wrap = '\u001b[?7h'
const eraseLine = '\u001b[K'
const eraseBelow = '\u001b[J'
const home = '\u001b[H'
const up = (lines: number): string => (lines > 0 ? `\u001b[${lines}A` : '')

/**
 * Lines at the lower end of what a terminal shows, drawn over and over. Between two drawings the cursor stands, hidden,
 * at the window's first place: wherever lines go when the terminal changes its size, what is below the cursor is the
 * window and nothing else. Only lines that changed are written. Texts are written out once more here: no line moves
 * the cursor.
 */
export class Window {
  readonly #canvas: Canvas
  readonly #paint: Paint
  #drawn: string[] = []
  /** Of the widest line that is drawn. */
  #widest = 0

  constructor(canvas: Canvas, paint: Paint) {
    this.#canvas = canvas
    this.#paint = paint
  }

  /** Draws these lines in place of those before. */
  draw(lines: readonly Line[]): void {
    const now = lines.map((line) => this.#text(line))
    const before = this.#drawn
    if (now.length === before.length && now.every((text, i) => text === before[i])) return
    const parts = now.map((text, i) => (text === before[i] ? '' : `${eraseLine}${text}`))
    const rest = before.length > now.length ? `${now.length > 0 ? '\r\n' : ''}${eraseBelow}` : ''
    const down = Math.max(0, now.length - 1) + (rest === '' || now.length === 0 ? 0 : 1)
    this.#drawn = now
    this.#widest = Math.max(0, ...lines.map((line) => width(textOf(line))))
    this.#canvas.write(`${hideCursor}${noWrap}${parts.join('\r\n')}${rest}\r${up(down)}${wrap}`)
  }

  /**
   * Removes the window; the cursor stands where it began. What is written now stays above the next drawing. Its first
   * line by itself: a screen erased from its first place on is kept by some terminals (tmux) among what was scrolled away.
   */
  clear(): void {
    if (this.#drawn.length === 0) return
    this.#drawn = []
    this.#widest = 0
    this.#canvas.write(`\r${eraseLine}\r\n${eraseBelow}${up(1)}`)
  }

  /**
   * Removes the window after the terminal became so many columns wide. Where a line no longer fits, terminals break it,
   * and do not agree where the cursor is then (VTE moves it with its line, xterm.js by as many rows as came in
   * anywhere): then all that can be seen is erased.
   */
  resized(columns: number): void {
    const broken = this.#widest > columns
    if (broken) this.#canvas.write(home)
    this.clear()
  }

  /** These lines in place of the window, to stay; the cursor stands below them and is shown. */
  end(lines: readonly Line[]): void {
    this.clear()
    const text = lines.map((line) => `${this.#text(line)}\r\n`).join('')
    this.#canvas.write(`${noWrap}${text}${wrap}${showCursor}`)
  }

  /** Leaves the window as it is; the cursor stands below it and is shown. */
  leave(): void {
    this.#canvas.write(`${'\r\n'.repeat(this.#drawn.length)}${showCursor}`)
    this.#drawn = []
  }

  #text(line: Line): string {
    return line.map(([text, style = 'plain']) => this.#paint(style, visibleLine(text))).join('')
  }
}
