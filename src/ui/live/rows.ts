import type { PhaseState, PhaseView, RunModel } from './model.js'

/** A phase with a line of its own, or several that share one. */
export type Row =
  | { kind: 'phase'; phase: PhaseView; state: PhaseState }
  | { kind: 'group'; group: Group; phases: readonly PhaseView[] }

type Group = 'ended' | 'waiting' | 'not reached' | 'at work'

type Single = Extract<Row, { kind: 'phase' }>

const groupOf: Readonly<Record<PhaseState, Group>> = {
  waiting: 'waiting',
  running: 'at work',
  failed: 'at work',
  done: 'ended',
  'up to date': 'ended',
  'not reached': 'not reached',
}

/**
 * The phases of a run in at most so many rows, with as many lines of their own as there is room for: first those that
 * ended well share lines with their neighbours, then those that wait or were not reached, then all of a kind; those at
 * work come last.
 */
export function rowsOf(model: RunModel, room: number): Row[] {
  if (room <= 0) return []
  const singles = model.phases.map((phase): Single => ({ kind: 'phase', phase, state: model.stateOf(phase) }))
  const tries: (() => Row[])[] = [
    () => singles,
    () => neighbours(singles, ['ended']),
    () => neighbours(singles, ['ended', 'waiting', 'not reached']),
    () => kinds(singles),
  ]
  for (const attempt of tries) {
    const rows = attempt()
    if (rows.length <= room) return rows
  }
  return crowded(singles, room)
}

/** Neighbours of these groups on one line. */
function neighbours(singles: readonly Single[], groups: readonly Group[]): Row[] {
  const rows: Row[] = []
  for (const single of singles) {
    const group = groupOf[single.state]
    const last = rows.at(-1)
    if (!groups.includes(group) || !last) rows.push(single)
    else if (last.kind === 'group' && last.group === group)
      rows[rows.length - 1] = { ...last, phases: [...last.phases, single.phase] }
    else if (last.kind === 'phase' && groupOf[last.state] === group)
      rows[rows.length - 1] = { kind: 'group', group, phases: [last.phase, single.phase] }
    else rows.push(single)
  }
  return rows
}

/** All of a group on one line, those at work on their own. */
function kinds(singles: readonly Single[]): Row[] {
  return [
    ...together(singles, 'ended'),
    ...singles.filter(({ state }) => groupOf[state] === 'at work'),
    ...together(singles, 'not reached'),
    ...together(singles, 'waiting'),
  ]
}

/** Those at work that there is room for, failed ones first, and a line for the rest of them; then for the other groups. */
function crowded(singles: readonly Single[], room: number): Row[] {
  const busy = singles.filter(({ state }) => groupOf[state] === 'at work')
  const others = [
    ...together(singles, 'ended'),
    ...together(singles, 'not reached'),
    ...together(singles, 'waiting'),
  ]
  const forBusy = Math.max(1, room - others.length)
  if (busy.length <= forBusy) return [...busy, ...others].slice(0, room)
  const most = [...busy].sort((a, b) => Number(b.state === 'failed') - Number(a.state === 'failed'))
  const kept = new Set(most.slice(0, forBusy - 1))
  const rest: Row = {
    kind: 'group',
    group: 'at work',
    phases: busy.filter((one) => !kept.has(one)).map(({ phase }) => phase),
  }
  return [...busy.filter((one) => kept.has(one)), rest, ...others].slice(0, room)
}

function together(singles: readonly Single[], group: Group): Row[] {
  const of = singles.filter(({ state }) => groupOf[state] === group)
  const [only] = of
  if (of.length === 1 && only) return [only]
  return of.length === 0 ? [] : [{ kind: 'group', group, phases: of.map(({ phase }) => phase) }]
}
