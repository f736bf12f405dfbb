import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ClusterSpec } from '../../src/inventory/spec.js'
import { whyNot } from '../support/e2e-lab.js'
import { type Ran, runUp } from '../support/simulated/run-up.js'
import { simulatedSpec } from '../support/simulated/spec.js'
import { Stage } from '../support/simulated/stage.js'
import type { World } from '../support/simulated/world.js'

const reason = whyNot()
const names = ['kubelet', 'kubectl']
/** The release site lies on a host of the world, where no other machine reaches it. */
const site = 'https://10.91.0.11:8443'
const paths = '/release/v1.20.2/bin/linux/amd64'
const sha256 = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex')

/** Whole runs in which hosts download the real kubelet and kubectl, by curl, from a server with the layout of dl.k8s.io. */
describe.skipIf(reason !== undefined)(
  `a cluster whose hosts download Kubernetes${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    const home = process.env.HOME
    const directory = mkdtempSync(join(tmpdir(), 'ks-downloads-'))
    let stage: Stage
    let world: World
    let spec: ClusterSpec
    let birth: Ran
    const digests = new Map<string, string>()

    beforeAll(async () => {
      stage = await Stage.set()
      world = await stage.world()
      const cp1 = world.host('cp1')
      await cp1.run(
        `mkdir -p "/srv/site$1" && cd /srv && openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=site \\
        -addext subjectAltName=IP:10.91.0.11 -keyout site.key -out site.crt 2>/dev/null`,
        paths,
      )
      for (const name of names) {
        const program = gunzipSync(readFileSync(join(stage.materials.bundle, `bin/${name}.gz`)))
        digests.set(name, sha256(program))
        writeFileSync(cp1.path(`/srv/site${paths}/${name}`), program)
      }
      cp1.start(
        'sh',
        '-c',
        'cd /srv/site && exec openssl s_server -quiet -accept 8443 -cert ../site.crt -key ../site.key -WWW',
      )
      // the digests as an earlier run has fetched them: this process does not reach the world's network
      const kept = join(directory, '.cache/kubestrap/digests')
      mkdirSync(kept, { recursive: true })
      for (const [name, digest] of digests) {
        const key = `${site}${paths}/${name}.sha256 ${name}`
        writeFileSync(join(kept, sha256(key)), `${digest} ${key}\n`)
      }
      writeFileSync(join(directory, 'ca.pem'), cp1.read('/srv/site.crt') ?? '')
      spec = simulatedSpec(stage.materials.bundle, (text) =>
        text.replace(
          'binaries:',
          `sources: { kubernetes: download, mirrors: { kubernetes: "${site}" }, caCertificate: ${directory}/ca.pem }\nbinaries:`,
        ),
      )
      process.env.HOME = directory
      birth = await runUp(world, spec)
    })
    afterAll(async () => {
      process.env.HOME = home
      await stage?.strike()
      rmSync(directory, { recursive: true, force: true })
    })

    test('is born, and each host has the programs of the digests', async () => {
      expect(birth.errors).toEqual([])
      for (const host of ['cp1', 'w1']) {
        expect(birth.changed).toContain(`${host}/binary:/usr/bin/kubelet`)
        const sums = await world.host(host).run('cd /usr/bin && sha256sum kubelet kubectl | cut -d" " -f1')
        expect(sums.trim().split('\n')).toEqual(names.map((name) => digests.get(name)))
      }
    })

    test('is changed in nothing by a second up', async () => {
      expect(await runUp(world, spec)).toMatchObject({ ok: true, changed: [], mutations: [] })
    })

    test('gets a program back that somebody changed, on the host concerned alone', async () => {
      await world.host('w1').run('echo "# no program" >/usr/bin/kubectl')
      const again = await runUp(world, spec)
      expect(again.errors).toEqual([])
      expect(again.changed).toEqual(['w1/binary:/usr/bin/kubectl'])
    })
  },
)
