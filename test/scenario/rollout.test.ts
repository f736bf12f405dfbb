import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { RolloutWish } from '../../src/phases/rollout.js'
import { rollout } from '../../src/workflows/rollout.js'
import { whyNot } from '../support/e2e-lab.js'
import { kubectl } from '../support/simulated/convergence.js'
import { cutAt, type Mutation } from '../support/simulated/cut.js'
import { type Ran, type RunOptions, runUp } from '../support/simulated/run-up.js'
import { simulatedSpec } from '../support/simulated/spec.js'
import { Stage } from '../support/simulated/stage.js'
import type { World } from '../support/simulated/world.js'

const reason = whyNot()
const nodes = ['cp1', 'w1']
const drain = { timeoutMs: 30_000, deleteEmptyDirData: true, force: false }

/** Both nodes take Pods, so that each may be drained to the other. */
const specOf = (bundle: string) =>
  simulatedSpec(bundle, (text) => text.replace('[control-plane]', '[control-plane, worker]'))

describe.skipIf(reason !== undefined)(`rollout reboot${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stage: Stage
  let world: World
  beforeAll(async () => {
    stage = await Stage.set()
    world = await stage.world()
    expect((await runUp(world, specOf(stage.materials.bundle))).errors).toEqual([])
  }, 300_000)
  afterAll(async () => {
    await stage?.end(world)
    await stage?.strike()
  })

  let runs = 0
  const run = (wish: Partial<RolloutWish> = {}, options: RunOptions = {}): Promise<Ran> =>
    runUp(world, specOf(stage.materials.bundle), {
      ...options,
      instead: rollout({
        kind: 'reboot',
        hosts: nodes,
        drain,
        withinMs: 40_000,
        id: `run ${++runs}`,
        again: false,
        ...wish,
      }),
    })
  const boots = (): string[] =>
    nodes.map((name) => world.host(name).read('/proc/sys/kernel/random/boot_id') ?? '')
  const rebooted = (before: readonly string[]): string[] => nodes.filter((_, i) => boots()[i] !== before[i])
  const open = async (): Promise<string[]> =>
    (
      await kubectl(
        world,
        `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.unschedulable}{"\\n"}{end}'`,
      )
    )
      .split('\n')
      .filter((line) => line.endsWith(' true'))
  const record = (): Promise<string> =>
    kubectl(world, 'get configmap -n kube-system kubestrap-rollout --ignore-not-found -o name')

  let mutations: readonly Mutation[] = []

  test('reboots each node once, drained and uncordoned, one after the other', async () => {
    const before = boots()
    const done = await run()
    expect(done.errors).toEqual([])
    mutations = done.mutations
    expect(rebooted(before)).toEqual(nodes)
    expect(await open()).toEqual([])
    expect(await record()).toBe('')
    const turns = done.mutations.filter((one) => /(cordon|uncordon) Node|systemctl reboot/.test(one))
    expect(turns.map((one) => one.replace(/ \[.*/, ''))).toHaveLength(6)
    // the second is not begun before the first takes Pods again
    for (const half of [turns.slice(0, 3), turns.slice(3)])
      expect(new Set(half.map((one) => /cp1|w1/.exec(one)?.[0])).size).toBe(1)
    // what `up` would do to them
    const next = await runUp(world, specOf(stage.materials.bundle))
    expect(next.errors).toEqual([])
  }, 120_000)

  test('cut anywhere, is continued by the same command: no host is rebooted twice, none stays cordoned', async () => {
    const failed: string[] = []
    // what is done before the request is recorded changes nothing that a second run could miss
    for (let at = 1; at <= mutations.length; at += 1) {
      const side = at % 2 === 0 ? ('before' as const) : ('after' as const)
      const first = boots()
      const cut = await run({}, { cut: cutAt({ at, side }) })
      const what = `cut ${side} mutation ${at} (${cut.mutations.at(-1)})`
      // a reboot that was asked for goes on by itself
      await expect.poll(() => nodes.every((name) => world.host(name).on), { timeout: 20_000 }).toBe(true)
      await new Promise((resolve) => setTimeout(resolve, 1_500))
      await expect.poll(() => nodes.every((name) => world.host(name).on), { timeout: 20_000 }).toBe(true)
      const half = boots()
      const begun = await record().catch(() => 'unknown')
      const next = await run()
      if (next.errors.length > 0) failed.push(`${what}: ${next.errors.join('; ')}`)
      const left = await open()
      if (left.length > 0) failed.push(`${what}: still cordoned: ${left.join(', ')}`)
      if (rebooted(first).length < nodes.length) failed.push(`${what}: not rebooted`)
      const twice = nodes.filter((name, i) => half[i] !== first[i] && rebooted(half).includes(name))
      // when the record is gone the request has come to its end: the second run is another
      if (twice.length > 0 && begun !== '') failed.push(`${what}: rebooted twice: ${twice.join(', ')}`)
      if ((await record()) !== '') failed.push(`${what}: the record is left`)
    }
    process.stderr.write(`rollout reboot: ${mutations.length} mutations, each cut\n`)
    expect(failed).toEqual([])
  }, 600_000)

  test('a node that a cut run left drained is uncordoned by up', async () => {
    const at = mutations.findIndex((one) => one.includes('w1') && one.includes('systemctl reboot')) + 1
    expect(at).toBeGreaterThan(0)
    await run(
      { hosts: ['w1'], again: true },
      { cut: (one) => (one.includes('reboot') ? 'before' : undefined) },
    )
    expect(await open()).toEqual(['w1 true'])
    expect((await runUp(world, specOf(stage.materials.bundle))).errors).toEqual([])
    expect(await open()).toEqual([])
  }, 120_000)
})

describe.skipIf(reason !== undefined)('rollout restart', () => {
  let stage: Stage
  let world: World
  beforeAll(async () => {
    stage = await Stage.set()
    world = await stage.world()
    expect((await runUp(world, specOf(stage.materials.bundle))).errors).toEqual([])
  }, 300_000)
  afterAll(async () => {
    await stage?.end(world)
    await stage?.strike()
  })

  test('restarts runtime and kubelet once, and the static Pods where that is asked', async () => {
    const starts = (): string[] =>
      nodes.flatMap((name) =>
        ['docker', 'kubelet'].map(
          (unit) => world.host(name).read(`/run/simulated/units/${unit}.service.starts`)?.trim() ?? '',
        ),
      )
    const before = starts().map(Number)
    const pods = world.host('cp1').kubelet.pods.ids()
    const wish = { hosts: nodes, drain, withinMs: 40_000, again: false }
    const done = await runUp(world, specOf(stage.materials.bundle), {
      instead: rollout({ ...wish, kind: 'restart-static-pods', id: 'one' }),
    })
    expect(done.errors).toEqual([])
    expect(starts().map(Number)).toEqual(before.map((count) => count + 1))
    const now = world.host('cp1').kubelet.pods.ids()
    for (const [name, id] of Object.entries(pods)) expect(now[name]).not.toBe(id)
    const next = await runUp(world, specOf(stage.materials.bundle))
    expect({ errors: next.errors, changed: next.changed }).toEqual({ errors: [], changed: [] })
  }, 120_000)
})
