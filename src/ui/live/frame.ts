import { shownLine } from '../screen.js'
import { failureLines } from './failure-lines.js'
import { hostLines, hostLinesWanted } from './host-lines.js'
import { fitted, type Line, type Span } from './line.js'
import type { Marks } from './marks.js'
import type { PhaseView, RunModel } from './model.js'
import { type Columns, columnsOf, groupLine, phaseLine } from './phase-line.js'
import { type Row, rowsOf } from './rows.js'
import { padded, width } from './width.js'
import { elapsed, lineOf, many } from './words.js'

export interface View {
  /** Of the terminal. */
  rows: number
  columns: number
  /** Milliseconds of the run. */
  now: number
  marks: Marks
}

/** From this height on there are blank lines between the parts. */
const roomy = 20
/** How many changes are told by name. */
const mostChanges = 8

/**
 * What a terminal shows of a run that goes on: its sum, a line a phase, under those at work the failed and the slowest
 * hosts, the last changes, and last the failure. At most `rows - 1` lines of at most `columns`; it costs what it shows,
 * however many hosts there are.
 */
export function frame(model: RunModel, view: View): Line[] {
  const { columns, marks } = view
  let left = view.rows - 1
  if (left <= 0) return []
  const gap = left >= roomy ? [[]] : []
  const take = (lines: readonly Line[]): readonly Line[] => {
    const taken = lines.slice(0, Math.max(0, left))
    left -= taken.length
    return taken
  }
  const head = take([headLine(model, view)])
  const failure = failureLines(model, Math.min(left, Math.max(3, Math.floor(view.rows / 3))), columns, marks)
  const last = take(failure.length > 0 ? [...gap, ...failure] : [])
  const rows = rowsOf(model, left - forHosts(model, left))
  left -= rows.length
  const forChanges = Math.min(model.recent.length, Math.floor(left / 3), mostChanges)
  const hosts = shares(rows, left - forChanges, Math.max(2, Math.floor(view.rows / 6)))
  for (const count of hosts.values()) left -= count
  const changes = take(changeLines(model, Math.min(left - gap.length, mostChanges)))
  const widths = columnsOf(model)
  const middle = rows.flatMap((row) => rowLines(model, row, widths, hosts, view))
  return [...head, ...middle, ...(changes.length > 0 ? gap : []), ...changes, ...last].map((line) =>
    fitted(line, columns, marks.cut),
  )
}

/**
 * What stays of a run on the screen: a line a phase, but one for all that are up to date and one for all of which nothing
 * was reached; as many lines as that takes.
 */
export function summary(model: RunModel, view: Pick<View, 'columns' | 'now' | 'marks'>): Line[] {
  const { now, marks, columns: wide } = view
  const columns = columnsOf(model)
  const quiet: PhaseView[] = []
  const missed: PhaseView[] = []
  const lines: Line[] = []
  for (const phase of model.phases) {
    const state = model.stateOf(phase)
    if (state === 'up to date') quiet.push(phase)
    else if (state === 'not reached' && phase.ended === phase.missed) missed.push(phase)
    else lines.push(phaseLine(phase, state, columns, now, marks))
  }
  const together = (group: 'ended' | 'not reached', phases: readonly PhaseView[]): Line[] =>
    phases.length > 0 ? [groupLine({ kind: 'group', group, phases }, marks)] : []
  const all = [...together('ended', quiet), ...lines, ...together('not reached', missed)]
  return all.map((line) => fitted(line, wide, marks.cut))
}

/** The sum of a run: which, for how long, how far. */
function headLine(model: RunModel, { now }: View): Line {
  const { workflow, steps, ended, changed, failed, missed, blocked, began } = model
  const counts: Span[] = [
    [`${ended}/${many(steps, 'step')}`],
    ...(changed > 0 ? [[`, ${changed} changed`] as const] : []),
    ...(failed > 0 ? [[`, ${failed} failed`, 'bad'] as const] : []),
    ...(blocked > 0 ? [[`, ${blocked} blocked`, 'missed'] as const] : []),
    ...(missed > blocked ? [[`, ${missed - blocked} not reached`, 'missed'] as const] : []),
  ]
  return [[shownLine(workflow), 'strong'], ['  '], ...counts, [`  ${elapsed(now - began)}`, 'dim']]
}

/** Lines kept free for hosts: one for each phase at work, no more than half of what there is. */
function forHosts(model: RunModel, left: number): number {
  const busy = model.phases.filter((phase) => hostLinesWanted(phase) > 0).length
  return Math.min(busy, Math.floor(left / 2))
}

/** How many lines of hosts each phase gets: by turns, one each, until there are no more. */
function shares(rows: readonly Row[], room: number, most: number): Map<PhaseView, number> {
  const given = new Map<PhaseView, number>()
  let left = room
  for (let turn = 1; turn <= most && left > 0; turn += 1)
    for (const row of rows) {
      if (row.kind !== 'phase' || left <= 0 || hostLinesWanted(row.phase) < turn) continue
      given.set(row.phase, turn)
      left -= 1
    }
  return given
}

function rowLines(
  model: RunModel,
  row: Row,
  columns: Columns,
  hosts: ReadonlyMap<PhaseView, number>,
  { now, marks }: View,
): Line[] {
  if (row.kind === 'group') return [groupLine(row, marks)]
  const { phase } = row
  return [
    phaseLine(phase, model.stateOf(phase), columns, now, marks),
    ...hostLines(phase, hosts.get(phase) ?? 0, now, marks),
  ]
}

/** The last changes by name, the latest last. */
function changeLines({ recent }: RunModel, room: number): Line[] {
  const latest = recent.slice(0, Math.max(0, room)).reverse()
  const wide = Math.max(0, ...latest.map(({ target }) => width(shownLine(target))))
  return latest.map((change) => [
    [`  ${padded(shownLine(change.target), wide)}`, 'dim'],
    [`  ${lineOf(change, change.what.join('; ') || 'changed')}`],
  ])
}
