import { shownLine } from '../screen.js'
import type { Line } from './line.js'
import type { Marks } from './marks.js'
import type { Failure, PhaseView, Running } from './model.js'
import { padded, width } from './width.js'
import { elapsed, lineOf, named } from './words.js'

/** Longest name of a host that the others are moved for. */
const widest = 24
/** How many steps under way are looked through for hosts: one host may have many. */
const looked = 1000

/** How many lines `hostLines` could fill. */
export function hostLinesWanted(phase: PhaseView): number {
  return phase.failures.size + busy(phase)
}

/** What is under way: hosts; where there is only one, its steps. */
export function busy({ parts, partsBusy, running }: PhaseView): number {
  return parts > 1 ? partsBusy : running.size
}

/**
 * The hosts of a phase that are worth a look, in at most `room` lines: those that failed, then those whose step has run
 * longest, each with its step.
 */
export function hostLines(phase: PhaseView, room: number, now: number, marks: Marks): Line[] {
  if (room <= 0) return []
  const slow = Math.min(busy(phase), Math.floor(room / 2))
  const failed = first(phase.failures.values(), room - slow)
  const running = slowest(phase, room - failed.length)
  const names = [...failed, ...running].map(({ target }) => shownLine(target))
  const wide = Math.min(widest, Math.max(0, ...names.map(width)))
  return [
    ...failed.map((failure) => failedLine(failure, wide, marks)),
    ...running.map((step) => runningLine(step, wide, now)),
  ]
}

function failedLine(failure: Failure, wide: number, marks: Marks): Line {
  const { target, title, error } = failure
  return [
    [`  ${marks.of.failed} ${padded(shownLine(target), wide)}`, 'bad'],
    [`  ${lineOf(failure, named(title, error.message))}`],
  ]
}

function runningLine(step: Running, wide: number, now: number): Line {
  const { target, title, since, text } = step
  const time = elapsed(now - since)
  return [
    [`    ${padded(shownLine(target), wide)}`],
    [`  ${time.padStart(5)}`, 'busy'],
    [`  ${lineOf(step, text === undefined ? title : `${title}: ${text}`)}`, 'dim'],
  ]
}

/** The steps that have run longest; where there are several hosts one of each. */
function slowest({ running, parts }: PhaseView, room: number): Running[] {
  if (parts === 1) return first(running.values(), room)
  const found = new Map<string, Running>()
  let seen = 0
  for (const step of running.values()) {
    if (found.size >= room || seen >= looked) break
    seen += 1
    if (!found.has(step.target)) found.set(step.target, step)
  }
  return [...found.values()]
}

function first<T>(all: Iterable<T>, count: number): T[] {
  const found: T[] = []
  for (const one of all) {
    if (found.length >= count) break
    found.push(one)
  }
  return found
}
