import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { whyNot } from '../support/e2e-lab.js'
import { runUp } from '../support/simulated/run-up.js'
import { simulatedSpec } from '../support/simulated/spec.js'
import { foreignAuthority, Stage } from '../support/simulated/stage.js'
import type { World } from '../support/simulated/world.js'
import { filesOf } from '../support/simulated/world-snapshot.js'

const reason = whyNot()

// Simulated hosts (see simulated-host.ts) on which no cluster runs, but on which something of one lies.
describe.skipIf(reason !== undefined)(
  `no authority is created${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let stage: Stage
    let world: World
    beforeAll(async () => {
      stage = await Stage.set()
    })
    afterAll(() => stage?.strike())
    beforeEach(async () => {
      world = await stage.world()
    })
    afterEach(() => stage.end(world))

    const put = (host: string, path: string, text: string): Promise<string> =>
      world.host(host).run('mkdir -p "$(dirname "$1")" && printf %s "$2" >"$1"', path, text)

    const refused = async (...words: string[]): Promise<void> => {
      const before = await filesOf(world)
      expect(Object.keys(before).length).toBeGreaterThan(10)
      const ran = await runUp(world, simulatedSpec(stage.materials.bundle))
      expect(ran.ok).toBe(false)
      for (const word of words) expect(ran.errors.join('\n')).toContain(word)
      expect(ran.mutations).toEqual([])
      expect(await filesOf(world)).toEqual(before)
    }

    test('when a worker has the certificate of one that no control plane has', async () => {
      await put('w1', '/etc/kubernetes/pki/ca.crt', await foreignAuthority(world.host('w1')))
      await refused(
        'w1 is a node of a cluster, but no control plane node in the inventory has the CA of that cluster',
      )
    })

    test('when a worker has joined a cluster that no control plane here belongs to', async () => {
      await put('w1', '/etc/kubernetes/kubelet.conf', 'kind: Config\n')
      await refused('w1 is a node of a cluster', '/etc/kubernetes/kubelet.conf')
    })

    test('when a control plane has lost its certificate and kept the rest', async () => {
      await put('cp1', '/etc/kubernetes/pki/sa.pub', 'x')
      await refused('/etc/kubernetes/pki is not empty, but has no ca.crt')
    })

    test('when a control plane still has the data of a cluster', async () => {
      await put('cp1', '/var/lib/etcd/member/snap/db', 'x')
      await refused('/var/lib/etcd holds the data of a cluster, but no control plane node has its CA')
    })

    test('when a control plane has a certificate without its key, and not the rest', async () => {
      await put('cp1', '/etc/kubernetes/pki/ca.crt', await foreignAuthority(world.host('cp1')))
      await refused('ca.crt exists without its key')
    })

    test('when two machines have two', async () => {
      await put('cp1', '/etc/kubernetes/pki/ca.crt', await foreignAuthority(world.host('cp1')))
      await put('w1', '/etc/kubernetes/pki/ca.crt', await foreignAuthority(world.host('w1')))
      await refused('these hosts belong to different clusters', 'cp1: CA SHA-256', 'w1: CA SHA-256')
    })
  },
)
