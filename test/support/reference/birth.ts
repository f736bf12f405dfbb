import { clusterTarget } from '../../../src/engine/step.js'
import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { birthGraph } from './birth-graph.js'
import { around, drawnBox, type Kind, line, measure, picture } from './picture-parts.js'
import { type Turn, turnsOf } from './turns.js'

/** Sizes: gapX is between targets, gapY between turns; lines around a box have their place in gapX and the margin. */
const size = { gapX: 40, gapY: 26, margin: 24, head: 30 } as const

/**
 * The order of a birth as SVG: a column for each target, hosts that do the same together, and from top to bottom what can
 * start at the same time. A line leads from what must end to what waits for it.
 */
export function birth(spec: ClusterSpec): string {
  const turns = turnsOf(birthGraph(spec))
  const columns = columnsOf(turns, spec)
  const longest = Math.max(
    ...[...columns.map(({ title }) => title), ...turns.flatMap(({ phases }) => phases)].map(
      ({ length }) => length,
    ),
  )
  const wide = Math.ceil(longest * measure.letter) + 20
  const rows = Math.max(...turns.map(({ rank }) => rank)) + 1
  const heights = Array.from({ length: rows }, (_, row) =>
    Math.max(...turns.filter(({ rank }) => rank === row).map(heightOf)),
  )
  const tops = heights.map((_, i) =>
    heights.slice(0, i).reduce((sum, h) => sum + h + size.gapY, size.margin + size.head + size.gapY),
  )
  const left = (turn: Turn): number =>
    size.margin + columns.findIndex(({ lane }) => lane === turn.targets[0]) * (wide + size.gapX)
  const top = (turn: Turn): number => tops[turn.rank] ?? 0
  const lines = turns.flatMap((turn) =>
    turn.after.map((one) => {
      const between = turns.some(
        ({ targets, rank }) => targets === turn.targets && rank > one.rank && rank < turn.rank,
      )
      const [from, to] = [top(one) + heightOf(one), top(turn)]
      if (one.targets === turn.targets && between)
        return around(left(turn), from - heightOf(one) / 2, to + heightOf(turn) / 2)
      return line(left(one) + wide / 2, from, left(turn) + wide / 2, to)
    }),
  )
  const heads = columns.map(({ title, kind }, i) =>
    drawnBox(
      { title, lines: [], kind },
      { x: size.margin + i * (wide + size.gapX), y: size.margin, wide, height: size.head },
    ),
  )
  const boxes = turns.map((turn) =>
    drawnBox(
      { lines: turn.phases, kind: columns.find(({ lane }) => lane === turn.targets[0])?.kind ?? 'endpoint' },
      { x: left(turn), y: top(turn), wide, height: heightOf(turn) },
    ),
  )
  const width = columns.length * (wide + size.gapX) - size.gapX + 2 * size.margin
  const height = (tops.at(-1) ?? 0) + (heights.at(-1) ?? 0) + size.margin
  const title = `Phases in the order of a birth, for ${columns.map((column) => column.title).join('; ')}`
  return picture(width, height, title, [...lines, ...heads, ...boxes])
}

const heightOf = ({ phases }: Turn): number => 14 + phases.length * measure.line

interface Column {
  /** The first of its targets. */
  lane: string | undefined
  title: string
  kind: Kind
}

/** Control plane nodes, the API between, other hosts: lines to the API come from both sides. */
function columnsOf(turns: readonly Turn[], { hosts }: ClusterSpec): Column[] {
  const lanes = [...new Map(turns.map(({ targets }) => [targets[0], targets]))]
  const columns = lanes.map(([lane, targets]): Column & { place: number } => {
    if (lane === clusterTarget) return { lane, title: 'cluster (API)', kind: 'endpoint', place: 1 }
    const isPlane = hosts.some(({ name, roles }) => name === lane && roles.includes('control-plane'))
    const title = targets.length > 1 ? `${targets.join(', ')} (each)` : targets.join()
    return { lane, title, kind: isPlane ? 'plane' : 'worker', place: isPlane ? 0 : 2 }
  })
  return columns.sort((a, b) => a.place - b.place)
}
