import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { whyNot } from '../support/e2e-lab.js'
import { convergenceProblems } from '../support/simulated/convergence.js'
import { identity, lostIdentity } from '../support/simulated/identity.js'
import { runUp } from '../support/simulated/run-up.js'
import { simulatedSpec } from '../support/simulated/spec.js'
import { Stage } from '../support/simulated/stage.js'
import { Staircase } from '../support/simulated/staircase.js'
import type { World } from '../support/simulated/world.js'

// cut-anywhere's staircase for several control planes and for etcd on hosts of its own.
// KUBESTRAP_STRIDE: each so-manieth mutation is cut (default 3; 1 for every one).
const reason = whyNot()
const stride = Number(process.env.KUBESTRAP_STRIDE ?? 3)

const host = (name: string, last: number, role: string): string =>
  `  ${name}: { address: 10.91.0.${last}, roles: [${role}] }\n`

/** Inventories by name, and the etcd members each must have. */
const topologies: readonly [name: string, edit: (text: string) => string, members: readonly string[]][] = [
  [
    'three control planes',
    (text) =>
      text.replace(/^ {2}w1:.*\n/m, host('cp2', 12, 'control-plane') + host('cp3', 13, 'control-plane')),
    ['cp1', 'cp2', 'cp3'],
  ],
  [
    'external etcd',
    (text) =>
      text
        .replace(/^ {2}w1:.*\n/m, [1, 2, 3].map((i) => host(`e${i}`, 30 + i, 'etcd')).join(''))
        .replace(/^ {2}imageTag:.*\n/m, '  install: package\n'),
    ['e1', 'e2', 'e3'],
  ],
]

describe.skipIf(reason !== undefined)(`births cut anywhere${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await Stage.set()
  })
  afterAll(() => stage?.strike())

  test.each(topologies)(
    'of %s: one mutation further each time, until it is done',
    async (name, edit, members) => {
      const spec = simulatedSpec(stage.materials.bundle, edit)
      const world = await stage.world(spec.hosts)
      const stairs = new Staircase(stride)
      let before = identity(world)
      for (;;) {
        const ran = await runUp(world, spec, { cut: stairs.next() })
        const now = identity(world)
        const { side, mutation = '' } = stairs.cuts.at(-1) ?? {}
        const at = `${side} ${mutation.replaceAll('\n', ' ').slice(0, 100)}`
        process.stderr.write(`${name}: cut ${at} (${(ran.ms / 1000).toFixed(0)} s)\n`)
        expect(lostIdentity(before, now), at).toEqual([])
        before = now
        if (!ran.cut) {
          expect(ran.errors, at).toEqual([])
          break
        }
        expect(ran.ok, at).toBe(false)
      }
      expect(await convergenceProblems(world, spec, before)).toEqual([])
      expect(await membersOf(world, members[0] ?? '')).toEqual(members)
      process.stderr.write(`${name}: ${stairs.cuts.length} cuts tried, converged\n`)
      await stage.end(world)
    },
    14_400_000,
  )
})

/** Names of etcd's members, as one of them tells. */
async function membersOf(world: World, name: string): Promise<string[]> {
  const told = await world
    .host(name)
    .run(
      `cd /etc/kubernetes/pki/etcd && curl -sS --cacert ca.crt --cert server.crt --key server.key -d '{}' https://127.0.0.1:2379/v3/cluster/member/list`,
    )
  const { members }: { members: { name?: string }[] } = JSON.parse(told)
  return members.map((member) => member.name ?? '').sort()
}
