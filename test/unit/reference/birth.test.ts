import { expect, it } from 'vitest'
import { buildGraph } from '../../../src/engine/graph.js'
import { keysBehind } from '../../../src/engine/joints.js'
import type { Step } from '../../../src/engine/step.js'
import { birth } from '../../support/reference/birth.js'
import { birthGraph } from '../../support/reference/birth-graph.js'
import { specOf } from '../../support/reference/pages.js'
import { turnsOf } from '../../support/reference/turns.js'

const dev = await specOf('dev')
const graph = birthGraph(dev)
const turns = turnsOf(graph)
const svg = birth(dev)

const turnOf = (target: string, phase: string) =>
  turns.find(({ targets, phases }) => targets.includes(target) && phases.includes(phase))

/** Steps that do nothing, with what each waits for. */
const steps = (of: readonly (readonly [target: string, id: string, needs?: string[]])[]): Step[] =>
  of.map(([target, id, needs]) => ({
    id,
    title: id,
    target,
    ...(needs ? { needs } : {}),
    probe: () => Promise.resolve(undefined),
    diff: () => [],
    apply: () => Promise.resolve(),
  }))

it('every phase of the graph is in a turn, after all that its steps wait for', () => {
  const places = new Map(graph.nodes.map(({ key, step, phase }) => [key, turnOf(step.target, phase)]))
  expect(graph.nodes.length).toBeGreaterThan(100)
  for (const { key, phase, step, after, follows } of graph.nodes)
    for (const before of keysBehind([...after, ...follows])) {
      const [own, other] = [places.get(key), places.get(before)]
      const isSame = graph.nodes.some(
        (node) => node.key === before && node.phase === phase && node.step.target === step.target,
      )
      if (!isSame) expect(other?.rank, `${key} waits for ${before}`).toBeLessThan(own?.rank ?? -1)
    }
})

it('of what is waited for only the last is drawn, and hosts that do the same are drawn once', () => {
  const phase = (id: string, of: Step[]) => ({ id, title: id, about: id, steps: () => of })
  const made = buildGraph(
    [
      phase(
        'first',
        steps([
          ['a', '1'],
          ['b', '1'],
          ['c', '1'],
        ]),
      ),
      phase(
        'second',
        steps([
          ['a', '2'],
          ['b', '2'],
        ]),
      ),
      phase('third', steps([['cluster', '3', ['a/@second', 'c/@first']]])),
      phase('fourth', steps([['a', '4', ['a/@first', 'cluster/@third']]])),
    ],
    undefined,
  )
  const drawn = turnsOf(made).map(({ targets, rank, phases, after }) => [
    targets.join(),
    rank,
    phases.join(),
    after.map((one) => `${one.targets.join()} ${one.phases.join()}`).sort(),
  ])
  expect(drawn.sort()).toEqual([
    ['a', 0, 'first', []],
    ['a', 1, 'second', ['a first']],
    ['a', 3, 'fourth', ['cluster third']],
    ['b', 0, 'first', []],
    ['b', 1, 'second', ['b first']],
    ['c', 0, 'first', []],
    ['cluster', 2, 'third', ['a second', 'c first']],
  ])
})

it('the picture has the API after the static Pods, workers after the token, and the Pod network after the nodes', () => {
  const rank = (target: string, phase: string): number => turnOf(target, phase)?.rank ?? Number.NaN
  expect(rank('cluster', 'api-ready')).toBeGreaterThan(rank('cp1', 'static-pods'))
  expect(rank('worker1', 'join')).toBeGreaterThan(rank('cluster', 'cluster-config'))
  expect(rank('worker2', 'pod-network')).toBeGreaterThan(rank('cluster', 'nodes'))
  expect(svg).toContain(
    '<title>Phases in the order of a birth, for cp1; cluster (API); worker1, worker2 (each)',
  )
})

it('no line runs through a box that it does not begin or end at', () => {
  const numbers = (tag: RegExpMatchArray): number[] => tag.slice(1).map(Number)
  const boxes = [...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="(\d+)" height="(\d+)"/g)].map(
    numbers,
  )
  const lines = [...svg.matchAll(/<line x1="([\d.]+)" y1="([\d.]+)" x2="([\d.]+)" y2="([\d.]+)"/g)].map(
    numbers,
  )
  expect(boxes.length).toBe(turns.length + 3)
  const drawn = lines.length + (svg.match(/<path /g) ?? []).length
  expect(drawn).toBe(turns.flatMap(({ after }) => after).length)
  for (const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] of lines)
    for (const [x = 0, y = 0, wide = 0, height = 0] of boxes) {
      const crossed = [0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98].some((part) => {
        const [px, py] = [x1 + (x2 - x1) * part, y1 + (y2 - y1) * part]
        return px > x && px < x + wide && py > y && py < y + height
      })
      expect(crossed, `line from ${x1},${y1} to ${x2},${y2} through ${x},${y}`).toBe(false)
    }
})
