import { effectWords } from '../engine/effect.js'
import type { Counts } from '../engine/events.js'
import type { Change } from '../engine/step.js'
import { redact } from '../lib/secret.js'
import { visibleLine } from '../lib/visible.js'

/** "0.4s", "12.3s", "2m05s" from milliseconds. */
export function duration(ms: number): string {
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)}s`
  const seconds = Math.round(ms / 1000)
  return `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`
}

/** "3 ok, 2 changed": only what is not zero. */
export function counts(of: Counts): string {
  const parts = Object.entries(of).filter(([, n]) => n > 0)
  const words = (status: string): string => (status === 'skipped' ? 'not reached' : status)
  return parts.map(([status, n]) => `${n} ${words(status)}`).join(', ') || 'nothing to do'
}

/** A change and what follows from it, on one line. */
export function changeLine(change: Change): string {
  const effects = change.effects?.length ? ` (${change.effects.map(effectWords).join(', ')})` : ''
  return `${change.summary}${effects}`
}

/** So many hosts that are alike are named one by one. */
const namedHosts = 3

/** "w1, w2", "w1 … w29 (29 hosts)". */
export function hostNames(names: readonly string[]): string {
  return names.length <= namedHosts
    ? names.join(', ')
    : `${names[0]} … ${names.at(-1)} (${names.length} hosts)`
}

/** A table with aligned columns; the first row is the heading. A cell is one line, whatever it holds. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map((cell) => visibleLine(redact(cell))))
  const widths = (rows[0] ?? []).map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0)))
  return rows
    .map((row) =>
      row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

/**
 * Lines after the first moved right where they are not: a line feed in somebody's words begins no line of ours. Masked
 * before, since a secret of several lines is not to be found afterwards.
 */
export function continued(text: string, by = '  '): string {
  return redact(text)
    .split('\n')
    .map((line, i) => (i === 0 || line === '' || line.startsWith(by) ? line : `${by}${line}`))
    .join('\n')
}

/** `text` with every line moved right, masked before. */
export function indent(text: string, by = '  '): string {
  return redact(text).replace(/^(?=.)/gm, by)
}

/** "likely cause (KS0101): a disk is full": how every view tells a cause. */
export function likelyCause(cause: string, code: string | undefined): string {
  return `likely cause${code ? ` (${code})` : ''}: ${cause}`
}
