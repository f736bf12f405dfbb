import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { agedFiles, daysLeft } from '../../support/aged-certificates.js'
import { whyNot } from '../../support/e2e-lab.js'
import { convergenceProblems } from '../../support/simulated/convergence.js'
import { identity } from '../../support/simulated/identity.js'
import { runUp } from '../../support/simulated/run-up.js'
import { simulatedSpec } from '../../support/simulated/spec.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()

// A cluster on simulated hosts; the tests build on one another.
describe.skipIf(reason !== undefined)(
  `a cluster almost a year old${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    const spec = () => simulatedSpec(stage.materials.bundle)
    const on = (script: string, ...args: string[]): Promise<string> => world.host('cp1').run(script, ...args)
    const read = async (path: string): Promise<string> => world.host('cp1').read(path) ?? ''
    const left = async (path: string): Promise<number> => daysLeft(await read(path))
    /** Puts what was issued so long ago in the place of what is there, and has it read. */
    const age = async (
      days: number,
      only: (path: string) => boolean,
      pods: readonly string[],
    ): Promise<string[]> => {
      const host = spec().hosts[0]
      if (!host) throw new Error('no host')
      const files = await agedFiles({ spec: spec(), host, release: releaseFor(spec().version) }, read, days)
      const put = [...files].filter(([path]) => only(path))
      for (const [path, text] of put) await on('printf %s "$1" >"$2"', text, path)
      for (const pod of pods) await on('kill -9 $(pgrep -x "$1")', pod)
      return put.map(([path]) => path).filter((path) => !path.endsWith('.key'))
    }

    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      const birth = await runUp(world, spec())
      if (!birth.ok) throw new Error(birth.errors.join('\n'))
    })
    afterAll(() => stage?.strike())

    test('has every certificate renewed by up, by the same authorities, and a second up changes nothing', async () => {
      const known = identity(world)
      const files = await age(10, () => true, [])
      expect(files).toHaveLength(10)
      expect(await Promise.all(files.map(left))).toEqual(files.map(() => 10))
      const plan = await runUp(world, spec(), { plan: true })
      expect([plan.mutations, plan.planned?.changes]).toEqual([[], expect.any(Number)])
      const ran = await runUp(world, spec())
      expect(ran.errors).toEqual([])
      expect(ran.changed.filter((key) => /^cp1.(certificate|kubeconfig):/.test(key))).toHaveLength(10)
      expect(await Promise.all(files.map(left))).toEqual(files.map(() => 365))
      expect(await convergenceProblems(world, spec(), known)).toEqual([])
    })

    test('is healed by up when the certificates of its administrator and its API server have expired', async () => {
      const known = identity(world)
      const files = await age(-1, (path) => /admin\.conf|apiserver\.(crt|key)/.test(path), ['kube-apiserver'])
      expect(await Promise.all(files.map(left))).toEqual([-1, -1])
      const ran = await runUp(world, spec())
      expect(ran.errors).toEqual([])
      expect(await Promise.all(files.map(left))).toEqual([365, 365])
      expect(await convergenceProblems(world, spec(), known)).toEqual([])
    })
  },
)
