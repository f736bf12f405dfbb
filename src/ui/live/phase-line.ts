import { busy } from './host-lines.js'
import type { Line, Span } from './line.js'
import { type Marks, styleOf } from './marks.js'
import type { PhaseState, PhaseView, RunModel } from './model.js'
import type { Row } from './rows.js'
import { padded, width } from './width.js'
import { elapsed, lineOf, many } from './words.js'

/** Widths of what stands one below the other, over all phases of a run. */
export interface Columns {
  title: number
  progress: number
}

/** Longest title that the others are moved for. */
const widest = 30

export function columnsOf(model: RunModel): Columns {
  const longest = (texts: readonly string[]): number => Math.max(0, ...texts.map(width))
  return {
    title: Math.min(widest, longest(model.phases.map((phase) => lineOf(phase, phase.title)))),
    // as wide as it gets
    progress: longest(model.phases.map((phase) => progress(phase, true))),
  }
}

/** "3/5 hosts", of what has one target "4/9 steps"; `full`: as it is when all is done. */
function progress({ parts, partsDone, steps, ended, missed, failed }: PhaseView, full = false): string {
  if (parts > 1) return `${full ? parts : partsDone}/${parts} hosts`
  return `${full ? steps : ended - missed - failed}/${steps} step${steps === 1 ? '' : 's'}`
}

/** One line of a phase: how far it is, what it changed, what is under way, for how long. */
export function phaseLine(
  phase: PhaseView,
  state: PhaseState,
  { title, progress: wide }: Columns,
  now: number,
  marks: Marks,
): Line {
  const { changed, failed, missed, blocked, waiting, parts, steps, ended, running, span } = phase
  const quiet = state === 'waiting' || state === 'up to date' || state === 'not reached'
  const counts: Span[] = []
  const count = (text: string, style: Span[1]): void => {
    counts.push([counts.length === 0 ? text : `, ${text}`, style])
  }
  if (busy(phase) > (parts > 1 ? 0 : 1)) count(`${busy(phase)} running`, 'busy')
  if (waiting > 0) count(`${waiting} waiting for a turn`, 'dim')
  if (failed > 0) count(`${failed} failed`, 'bad')
  if (blocked > 0) count(`${blocked} blocked`, 'missed')
  if (missed > blocked) count(`${missed - blocked} not reached`, 'missed')
  if (changed > 0) count(`${changed} changed`, 'plain')
  if (parts > 1 && ended > 0 && ended < steps) count(`${ended}/${steps} steps`, 'dim')
  if (counts.length === 0 && (state === 'up to date' || state === 'not reached')) count(state, styleOf[state])
  // what is under way goes on; what is not ended when its last step did
  const time = span ? elapsed((running.size + waiting > 0 ? now : span.to) - span.from) : ''
  const far = progress(phase)
  return [
    [marks.of[state], styleOf[state]],
    [` ${padded(lineOf(phase, phase.title), title)}  `, quiet ? 'dim' : 'strong'],
    [counts.length > 0 || time !== '' ? padded(far, wide) : far, quiet ? 'dim' : 'plain'],
    ...(counts.length > 0 || time !== '' ? [[` ${time.padStart(6)}`, 'dim'] as const] : []),
    ...(counts.length > 0 ? [['  '] as const, ...counts] : []),
  ]
}

/** One line of several phases: how many, and which. */
export function groupLine({ group, phases }: Extract<Row, { kind: 'group' }>, marks: Marks): Line {
  const state = {
    ended: 'done',
    waiting: 'waiting',
    'not reached': 'not reached',
    'at work': 'running',
  } as const
  const changed = phases.reduce((sum, phase) => sum + phase.changed, 0)
  const what = group === 'at work' ? 'more phase' : 'phase'
  const words = group === 'ended' ? (changed > 0 ? `done, ${changed} changed` : 'up to date') : group
  const shown = group === 'ended' && changed === 0 ? 'up to date' : state[group]
  return [
    [marks.of[shown], styleOf[shown]],
    [` ${many(phases.length, what)} ${words}`, group === 'ended' ? 'plain' : 'dim'],
    [`: ${phases.map((phase) => lineOf(phase, phase.title)).join(', ')}`, 'dim'],
  ]
}
