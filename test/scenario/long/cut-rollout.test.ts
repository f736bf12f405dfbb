import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNot } from '../../support/e2e-lab.js'
import { cutAt, type Side } from '../../support/simulated/cut.js'
import { runUp } from '../../support/simulated/run-up.js'
import { simulatedSpec } from '../../support/simulated/spec.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()
const nodes = ['cp1', 'w1']
const mark = '/run/kubestrap/restart/docker.service'
const starts = '/run/simulated/units/docker.service.starts'

/** Both nodes take Pods, so that each may be drained to the other. */
const spec = (bundle: string) =>
  simulatedSpec(bundle, (text) => text.replace('[control-plane]', '[control-plane, worker]'))

/** Every third mutation is cut, by turns before and after it; with KUBESTRAP_CUTS=all every one, on both sides. */
const all = process.env.KUBESTRAP_CUTS === 'all'
const sidesOf = (at: number): Side[] => (all ? ['before', 'after'] : [at % 4 === 1 ? 'before' : 'after'])

const askNodes = `i=0
until KUBECONFIG=/etc/kubernetes/admin.conf kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.unschedulable} {.metadata.labels.node-restriction\\.kubernetes\\.io/kubestrap-cordoned}{"\\n"}{end}'
do i=$((i + 1)); [ $i -lt 60 ] || exit 1; sleep 0.5; done`

/** Names of the Nodes that are cordoned, or have our label. The API server may just have been ended with the runtime. */
const cordoned = async (world: World): Promise<string[]> =>
  (await world.host('cp1').run(askNodes))
    .split('\n')
    .filter((line) => line.trim().includes(' '))
    .map((line) => line.split(' ')[0] ?? '')

describe.skipIf(reason !== undefined)(
  `a rollout cut anywhere${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      expect((await runUp(world, spec(stage.materials.bundle))).errors).toEqual([])
    }, 300_000)
    afterAll(async () => {
      await stage?.end(world)
      await stage?.strike()
    })

    const marked = (): Promise<unknown> =>
      Promise.all(nodes.map((name) => world.host(name).run(`touch ${mark}`)))
    const toRestart = (): string[] => nodes.filter((name) => world.host(name).exists(mark))
    const started = (): string[] => nodes.map((name) => world.host(name).read(starts) ?? '')
    /** Names of the Nodes that were cordoned, or uncordoned; a write that another one came before is repeated. */
    const written = (mutations: readonly string[], verb: 'cordon' | 'uncordon'): string[] => {
      const start = `cluster: ${verb} Node `
      const names = mutations.flatMap((one) =>
        one.startsWith(start) ? one.slice(start.length).split(' ')[0] : [],
      )
      return nodes.filter((name) => names.includes(name))
    }

    test('is left by the next run, with nothing drained or restarted twice', async () => {
      await marked()
      const whole = await runUp(world, spec(stage.materials.bundle))
      expect(whole.errors).toEqual([])
      for (const verb of ['cordon', 'uncordon'] as const)
        expect(written(whole.mutations, verb)).toEqual(nodes)
      const { length } = whole.mutations
      const failed: string[] = []
      for (let at = 1; at <= length; at += all ? 1 : 3)
        for (const side of sidesOf(at)) {
          await marked()
          const before = started()
          const cut = await runUp(world, spec(stage.materials.bundle), { cut: cutAt({ at, side }) })
          const what = `cut ${side} mutation ${at} (${cut.mutations.at(-1)})`
          const left = toRestart()
          const open = await cordoned(world)
          // one at a time: the second is not begun while the first is out
          if (open.length > 1) failed.push(`${what}: both are cordoned`)
          const next = await runUp(world, spec(stage.materials.bundle))
          if (next.errors.length > 0) failed.push(`${what}: ${next.errors.join('; ')}`)
          const now = await cordoned(world)
          if (now.length > 0) failed.push(`${what}: still cordoned: ${now.join(', ')}`)
          // a node that is cordoned, or has restarted, is not cordoned again; each that is cordoned is uncordoned
          const due = {
            cordon: left.filter((name) => !open.includes(name)),
            uncordon: nodes.filter((name) => left.includes(name) || open.includes(name)),
          }
          for (const verb of ['cordon', 'uncordon'] as const) {
            const names = written(next.mutations, verb).join(', ')
            if (names !== due[verb].join(', '))
              failed.push(`${what}: ${verb} of ${names}, not ${due[verb].join(', ')}`)
          }
          const restarts = started().map((count, i) => Number(count) - Number(before[i]))
          if (restarts.some((count) => count < 1 || count > 2))
            failed.push(`${what}: restarted ${restarts.join(', ')}`)
          expect(toRestart()).toEqual([])
        }
      process.stderr.write(`a rollout: ${length} mutations, ${all ? 'each' : 'every third one'} cut\n`)
      expect(failed).toEqual([])
    }, 600_000)
  },
)
