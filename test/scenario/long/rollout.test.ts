import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNot } from '../../support/e2e-lab.js'
import { bothTakePods, nodes, rebootsOf } from '../../support/simulated/reboots.js'
import { runUp } from '../../support/simulated/run-up.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()

describe.skipIf(reason !== undefined)(
  `rollout reboot and restart${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    let of: ReturnType<typeof rebootsOf>
    const up = () => runUp(world, bothTakePods(stage.materials.bundle))
    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      of = rebootsOf(world, stage.materials.bundle)
      expect((await up()).errors).toEqual([])
    }, 300_000)
    afterAll(async () => {
      await stage?.end(world)
      await stage?.strike()
    })

    test('reboots each node once, drained and uncordoned, one after the other', async () => {
      const before = of.boots()
      const done = await of.run()
      expect(done.errors).toEqual([])
      expect(of.rebooted(before)).toEqual(nodes)
      expect(await of.cordoned()).toEqual([])
      expect(await of.record()).toBe('')
      const turns = done.mutations.flatMap((one) => {
        const [, what = ''] = /(uncordon|cordon|systemctl reboot)/.exec(one) ?? []
        return what === '' ? [] : [`${what} ${/cp1|w1/.exec(one)?.[0]}`]
      })
      // the second is not begun before the first takes Pods again
      expect(turns).toEqual(
        nodes.flatMap((name) => [`cordon ${name}`, `systemctl reboot ${name}`, `uncordon ${name}`]),
      )
      expect((await up()).errors).toEqual([])
    }, 120_000)

    test('cut when the first host has rebooted, is continued by the same command', async () => {
      const before = of.boots()
      const cut = await of.run({}, { cut: (one) => (one.includes('uncordon') ? 'before' : undefined) })
      expect(cut.cut).toBe(true)
      const done = of.rebooted(before)
      expect(done).toHaveLength(1)
      expect(await of.cordoned()).toEqual(done)
      const half = of.boots()
      const told: string[] = []
      const next = await of.run({ onResumed: (_, keys) => void told.push(...keys) })
      expect(next.errors).toEqual([])
      expect([...new Set(told)]).toEqual(done.map((name) => `${name}/boot`))
      expect(of.rebooted(half)).toEqual(nodes.filter((name) => !done.includes(name)))
      expect(await of.cordoned()).toEqual([])
      expect(await of.record()).toBe('')
    }, 120_000)

    test('a node that a cut run left drained is uncordoned by up', async () => {
      const before = of.boots()
      await of.run({ hosts: ['w1'] }, { cut: (one) => (one.includes('reboot') ? 'before' : undefined) })
      expect(await of.cordoned()).toEqual(['w1'])
      expect((await up()).errors).toEqual([])
      expect(await of.cordoned()).toEqual([])
      expect(of.rebooted(before)).toEqual([])
    }, 120_000)

    test('a node that a run of one phase drains is uncordoned by the same run', async () => {
      const daemon = world.host('w1').read('/etc/docker/daemon.json') ?? ''
      await world.host('w1').run(`echo '{}' >/etc/docker/daemon.json`)
      const ran = await runUp(world, bothTakePods(stage.materials.bundle), { phases: ['packages'] })
      expect(ran.errors).toEqual([])
      expect(ran.changed).toContain('w1/uncordon')
      expect(world.host('w1').read('/etc/docker/daemon.json')).toBe(daemon)
      expect(await of.cordoned()).toEqual([])
      // the restart is left to a run of its phase
      expect((await up()).errors).toEqual([])
    }, 120_000)

    test('a restart is of the runtime and the kubelet, and of static Pods where that is asked', async () => {
      const starts = (): number[] =>
        nodes.flatMap((name) =>
          ['docker', 'kubelet'].map((unit) =>
            Number(world.host(name).read(`/run/simulated/units/${unit}.service.starts`)),
          ),
        )
      const [counts, boots] = [starts(), of.boots()]
      const pods = world.host('cp1').kubelet.pods.ids()
      expect((await of.run({ kind: 'restart-static-pods' })).errors).toEqual([])
      expect(starts()).toEqual(counts.map((count) => count + 1))
      expect(of.boots()).toEqual(boots)
      const now = world.host('cp1').kubelet.pods.ids()
      expect(Object.keys(pods).filter((name) => now[name] === pods[name])).toEqual([])
      const next = await up()
      expect({ errors: next.errors, changed: next.changed }).toEqual({ errors: [], changed: [] })
    }, 120_000)
  },
)
