import { expect, it } from 'vitest'
import { agreed } from '../../../../src/cli/plan/agreed.js'
import type { RunEvent } from '../../../../src/engine/events.js'
import { buildGraph } from '../../../../src/engine/graph.js'
import type { Planned } from '../../../../src/workflows/execute.js'
import { memoryStep, phaseOf } from '../../engine/memory-step.js'

const graph = buildGraph([phaseOf('p', memoryStep([], 'w1/a'))], undefined)
const found = (summary?: string): Planned => ({
  graph,
  plan: new Map([
    [
      'w1/a',
      summary === undefined
        ? { kind: 'converged' }
        : { kind: 'differs', observed: undefined, changes: [{ kind: 'update', summary }] },
    ],
  ]),
  strangers: [],
  world: { living: new Set(), birth: false, outages: {} },
})

/** What was agreed upon, how often hosts were looked at and a person was asked who takes so long for each answer. */
async function talk(looks: Planned[], answers: boolean[], tookMs: number) {
  let clock = 0
  let [looked, asked] = [0, 0]
  const texts: string[] = []
  const reporting = {
    now: () => clock,
    emit: (event: RunEvent) => void texts.push(event.type === 'message' ? event.text : event.type),
  }
  const result = await agreed(
    async () => looks[looked++] ?? found(),
    async () => {
      clock += tookMs
      return answers[asked++] ?? false
    },
    reporting,
  ).catch((error: Error) => error.message)
  return { result, looked, asked, texts }
}

it('nobody is asked where there is nothing to change', async () => {
  expect(await talk([found()], [], 0)).toMatchObject({ result: found(), looked: 1, asked: 0 })
})

it('another answer than yes is the end', async () => {
  expect(await talk([found('x')], [false], 0)).toMatchObject({ result: 'not confirmed', asked: 1 })
})

it('a quick answer is about what was found', async () => {
  expect(await talk([found('x'), found('y')], [true], 1000)).toMatchObject({ looked: 1, asked: 1 })
})

it('after a long one the hosts are looked at again', async () => {
  expect(await talk([found('x'), found('x')], [true], 60_000)).toMatchObject({
    looked: 2,
    asked: 1,
    texts: [],
  })
})

it('and the question is asked again where they differ', async () => {
  const { result, looked, asked, texts } = await talk(
    [found('x'), found('y'), found('y')],
    [true, true],
    60_000,
  )
  expect([looked, asked]).toEqual([3, 2])
  expect(result).toMatchObject(found('y'))
  expect(texts).toEqual(['the hosts changed while the question was open: asking again'])
})
