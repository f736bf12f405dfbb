import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { seeded } from '../../chaos/seeded.js'
import { whyNot } from '../../support/e2e-lab.js'
import { convergenceProblems } from '../../support/simulated/convergence.js'
import { type CutPoint, cutAt } from '../../support/simulated/cut.js'
import { identity, lostIdentity } from '../../support/simulated/identity.js'
import { runUp } from '../../support/simulated/run-up.js'
import { simulatedSpec } from '../../support/simulated/spec.js'
import { Stage } from '../../support/simulated/stage.js'
import { Staircase } from '../../support/simulated/staircase.js'

// What a run may be cut at: every command that changes a host, and every write to the API. Hosts are
// simulated (see simulated-host.ts), the workflow, its commands, etcd, the control plane and the API are real.
// KUBESTRAP_CUTS: how many mutations of a birth are cut by themselves, each on a world of its own; "all" for
// every one, before and after (an hour or two), and each step of the staircase instead of every fourth. Which ones
// follows from KUBESTRAP_SEED, which is printed.
const reason = whyNot()
const cuts = process.env.KUBESTRAP_CUTS ?? '2'
const stride = cuts === 'all' ? 1 : 4
const seed = Number(process.env.KUBESTRAP_SEED ?? 20_261_121)
const say = (line: string): void => void process.stderr.write(`${line}\n`)

describe.skipIf(reason !== undefined)(`a birth cut anywhere${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.set()
  })
  afterAll(() => stage?.strike())

  test('goes on where it was cut, one mutation further each time, until it is done', async () => {
    const spec = simulatedSpec(stage.materials.bundle)
    const world = await stage.world()
    const stairs = new Staircase(stride)
    let before = identity(world)
    for (;;) {
      const ran = await runUp(world, spec, { cut: stairs.next() })
      const now = identity(world)
      expect(lostIdentity(before, now)).toEqual([])
      before = now
      // a birth that was cut goes on without a question
      expect([ran.asks, ran.asks ? ran.interruptions : []], stairs.cuts.at(-1)?.mutation).toEqual([false, []])
      if (!ran.cut) {
        expect(ran.errors).toEqual([])
        break
      }
      // a run that was cut must not say that it is done
      expect(ran.ok, stairs.cuts.at(-1)?.mutation).toBe(false)
    }
    expect(await convergenceProblems(world, spec, before)).toEqual([])
    const kinds = ['after', 'before'].map((side) => stairs.cuts.filter((cut) => cut.side === side).length)
    say(
      `staircase: ${stairs.cuts.length} cuts tried (${kinds.join(' after a mutation, ')} before one), converged`,
    )
    expect(stairs.cuts.length).toBeGreaterThan(80 / stride)
    await stage.end(world)
  }, 1_200_000)

  test(
    'converges from a cut by itself, also when all machines lose power with it',
    async () => {
      const spec = simulatedSpec(stage.materials.bundle)
      const reference = await stage.world()
      const birth = await runUp(reference, spec)
      expect(birth.errors).toEqual([])
      await stage.end(reference)
      const { length } = birth.mutations
      const points = cuts === 'all' ? allPoints(length) : somePoints(length, Number(cuts))
      const failed: string[] = []
      for (const { power, ...point } of points) {
        const world = await stage.world()
        const ran = await runUp(world, spec, { cut: cutAt(point) })
        if (power) await world.powerCycle()
        const problems = ran.cut
          ? await convergenceProblems(world, spec, identity(world))
          : ['it was not cut']
        const what = `cut ${point.side} mutation ${point.at} (${ran.mutations.at(-1)?.slice(0, 80)})${power ? ', power lost' : ''}`
        say(`${what}: ${problems.length === 0 ? 'converged' : problems.join('; ')}`)
        if (problems.length > 0) failed.push(`${what}: ${problems.join('; ')}`)
        await stage.end(world)
      }
      say(`${points.length} cuts tried, ${points.length - failed.length} converged (seed ${seed})`)
      expect(failed).toEqual([])
    },
    cuts === 'all' ? 14_400_000 : Number(cuts) * 150_000,
  )
})

interface Point extends CutPoint {
  /** Whether all hosts lose power then. */
  power: boolean
}

function allPoints(mutations: number): Point[] {
  return Array.from({ length: mutations }, (_, i) => i + 1).flatMap((at) => [
    { at, side: 'before', power: false },
    { at, side: 'after', power: at % 4 === 0 },
  ])
}

/** One in each part of the birth, so that no seed looks at its beginning only. */
function somePoints(mutations: number, samples: number): Point[] {
  const next = seeded(seed)
  return Array.from({ length: samples }, (_, i) => ({
    at: 1 + Math.floor(((i + next()) / samples) * (mutations - 1)),
    side: next() < 0.5 ? 'before' : 'after',
    power: i % 2 === 1,
  }))
}
