import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { reset } from '../../../src/workflows/reset.js'
import { whyNot } from '../../support/e2e-lab.js'
import { kubectl } from '../../support/simulated/convergence.js'
import { runUp } from '../../support/simulated/run-up.js'
import { simulatedSpec } from '../../support/simulated/spec.js'
import { Stage } from '../../support/simulated/stage.js'
import type { World } from '../../support/simulated/world.js'

const reason = whyNot()
const host = (name: string, last: number, role: string): string =>
  `  ${name}: { address: 10.91.0.${last}, roles: [${role}] }\n`

// etcd on simulated hosts of its own, one of which gets another role; the tests build on one another.
describe.skipIf(reason !== undefined)(
  `an etcd host that becomes a worker${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    const spec = (roleOfLast: string) =>
      simulatedSpec(stage.materials.bundle, (text) =>
        text
          .replace(
            /^ {2}w1:.*\n/m,
            host('e1', 31, 'etcd') + host('e2', 32, 'etcd') + host('e3', 33, roleOfLast),
          )
          .replace(/^ {2}imageTag:.*\n/m, '  install: package\n'),
      )
    const members = async (): Promise<string[]> => {
      const told = await world
        .host('e1')
        .run(
          `cd /etc/kubernetes/pki/etcd && curl -sS --cacert ca.crt --cert server.crt --key server.key -d '{}' https://127.0.0.1:2379/v3/cluster/member/list`,
        )
      const { members: found } = JSON.parse(told) as { members: { name: string }[] }
      return found.map(({ name }) => name).sort()
    }
    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world(spec('etcd').hosts)
      expect((await runUp(world, spec('etcd'))).errors).toEqual([])
      expect(await members()).toEqual(['e1', 'e2', 'e3'])
    })
    afterAll(() => stage?.strike())

    test('is named by plan and refused by up, which change nothing', async () => {
      for (const plan of [true, false]) {
        const ran = await runUp(world, spec('worker'), { plan })
        expect(ran.errors.join('\n')).toMatch(
          /hosts\.e3\.roles is an etcd member in the cluster, worker here\n {2}→ run kubestrap reset e3,/,
        )
        expect(ran.mutations).toEqual([])
      }
    })

    test('is reset with the roles of now: its member leaves etcd first; then up makes it a worker', async () => {
      const ran = await runUp(world, spec('worker'), {
        leaving: { hosts: ['e3'], command: 'reset' },
        instead: reset({
          ...{ command: 'reset', hosts: ['e3'], packages: false, images: false, gone: false },
          ...{ drain: undefined, onLeft: () => {} },
        }),
      })
      expect(ran.errors).toEqual([])
      expect(ran.changed.indexOf('cluster/reset:etcd-member:e3')).toBe(0)
      expect(await members()).toEqual(['e1', 'e2'])
      expect(world.host('e3').exists('/var/lib/etcd/member')).toBe(false)

      expect((await runUp(world, spec('worker'))).errors).toEqual([])
      expect(await kubectl(world, 'get nodes -o name')).toBe('node/cp1\nnode/e3\n')
      expect(await members()).toEqual(['e1', 'e2'])
      expect(await runUp(world, spec('worker'))).toMatchObject({ ok: true, changed: [], mutations: [] })
    })
  },
)
