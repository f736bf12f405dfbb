import { UserError } from '../lib/errors.js'

/** One thing that is wrong with an inventory. */
export interface Problem {
  /** "inventory.yaml:12:3" */
  at: string
  line: number
  column: number
  /** What is wrong. */
  what: string
  /** What to write instead. */
  write: string
}

/** One mistake in a large inventory may be thousands of problems. */
const mostShown = 100

/** Everything that is wrong with an inventory, in the order of its files and lines. Nothing was touched. */
export class InventoryError extends UserError {
  readonly problems: readonly Problem[]

  constructor(file: string, problems: readonly Problem[]) {
    const fileOf = ({ at }: Problem): string => at.replace(/:\d+:\d+$/, '')
    const sorted = [...problems].sort(
      (a, b) => fileOf(a).localeCompare(fileOf(b)) || a.line - b.line || a.column - b.column,
    )
    const count = sorted.length === 1 ? 'a problem' : `${sorted.length} problems`
    const shown = sorted
      .slice(0, mostShown)
      .map((problem) => `${problem.at}: ${problem.what}\n  → ${problem.write}`)
    const more = sorted.length - shown.length
    super('inventory', `${file} has ${count}`, {
      why: [...shown, ...(more > 0 ? [`and ${more} more`] : [])].join('\n'),
      next: 'nothing was changed',
    })
    this.problems = sorted
  }
}
