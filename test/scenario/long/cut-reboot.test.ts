import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNot } from '../../support/e2e-lab.js'
import { cutAt, type Side } from '../../support/simulated/cut.js'
import { bothTakePods, nodes, rebootsOf } from '../../support/simulated/reboots.js'
import { runUp } from '../../support/simulated/run-up.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()

/** Every ninth mutation is cut, by turns after and before it; with KUBESTRAP_CUTS=all every one, on both sides. */
const all = process.env.KUBESTRAP_CUTS === 'all'
const sidesOf = (at: number): Side[] => (all ? ['before', 'after'] : [at % 2 === 0 ? 'before' : 'after'])

describe.skipIf(reason !== undefined)(
  `a rollout of reboots cut anywhere${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    let of: ReturnType<typeof rebootsOf>
    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      of = rebootsOf(world, stage.materials.bundle)
      expect((await runUp(world, bothTakePods(stage.materials.bundle))).errors).toEqual([])
    }, 300_000)
    afterAll(async () => {
      await stage?.end(world)
      await stage?.strike()
    })

    /** A reboot that was asked for goes on by itself: it has begun after a moment, and ends. */
    const untilAnswers = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1_000))
      const answers = () =>
        of.record().then(
          () => nodes.every((name) => world.host(name).on),
          () => false,
        )
      await expect.poll(answers, { timeout: 60_000, interval: 500 }).toBe(true)
    }

    test('is continued by the same command: no host is rebooted twice, none stays cordoned', async () => {
      const whole = await of.run()
      expect(whole.errors).toEqual([])
      const { length } = whole.mutations
      const failed: string[] = []
      for (let at = 1; at <= length; at += all ? 1 : 9)
        for (const side of sidesOf(at)) {
          const first = of.boots()
          const cut = await of.run({}, { cut: cutAt({ at, side }) })
          const what = `cut ${side} mutation ${at} (${cut.mutations.at(-1)})`
          await untilAnswers()
          const [half, record] = [of.boots(), await of.record()]
          const next = await of.run()
          if (next.errors.length > 0) failed.push(`${what}: ${next.errors.join('; ')}`)
          const left = await of.cordoned()
          if (left.length > 0) failed.push(`${what}: still cordoned: ${left.join(', ')}`)
          if (of.rebooted(first).length < nodes.length) failed.push(`${what}: not every host has rebooted`)
          const twice = nodes.filter((name, i) => half[i] !== first[i] && of.rebooted(half).includes(name))
          // where the record was gone the request had come to its end: the second run was another
          if (twice.length > 0 && record !== '') failed.push(`${what}: rebooted twice: ${twice.join(', ')}`)
          if ((await of.record()) !== '') failed.push(`${what}: the record is left`)
        }
      process.stderr.write(`rollout reboot: ${length} mutations, ${all ? 'each' : 'every ninth one'} cut\n`)
      expect(failed).toEqual([])
    }, 900_000)
  },
)
