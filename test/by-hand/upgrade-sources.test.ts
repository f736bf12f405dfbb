import { appendFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imagesOfBundle } from '../support/bundle-images.js'
import { debRepository, Signer } from '../support/deb-repository.js'
import { startLab } from '../support/e2e-cluster.js'
import {
  cp1,
  directory,
  gateway,
  inventory,
  kubestrap,
  on,
  type Ran,
  run,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { kubernetesDebs } from '../support/kubernetes-debs.js'
import { type Registry, type StockedImage, startRegistry } from '../support/registry.js'
import { type ReleaseSite, sha256, startReleaseSite } from '../support/release-site.js'
import { bundledVersions, todaysLab, took } from '../support/todays-lab.js'

// Upgrades whose programs are downloaded, or are packages of the community repositories (one for each minor), and
// whose images come from a registry:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand upgrade-sources
// DIR has bundles of two minors that follow one another, kubeadm in them, as bundle-1.36.3; the newest two are taken.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const [from = '', to = ''] = bundledVersions(releases).slice(-2)
const reason = to === '' ? 'KUBESTRAP_RELEASES names no directory with two bundles' : whyNot()
const nodes = [cp1, w1, w2]
const bundleOf = (version: string): string => join(releases, `bundle-${version}`)

describe.skipIf(reason !== undefined).each(['download', 'packages'])(
  `an upgrade, Kubernetes by %s${reason ? ` (skipped: ${reason})` : ''}`,
  (source) => {
    let site: ReleaseSite
    let registry: Registry
    let signer: Signer
    let lab = ''

    const file = (version: string): string => {
      const path = inventory(
        `${source}-${version}`,
        (text) => todaysLab(text, { releases, version, network: 'bridge' }).replace(/^binaries:\n.*\n/m, ''),
        { bare: true },
      )
      appendFileSync(
        path,
        `sources: { kubernetes: ${source}, mirrors: { ${source === 'packages' ? 'packages' : 'kubernetes'}: "${site.url}" }, caCertificate: ${site.caFile} }
registries:
  "*": { mirrors: ["${registry.url}"] }
  "${registry.url.slice('https://'.length)}": { caFile: ${registry.caFile} }
`,
      )
      return path
    }
    const up = (version: string): Promise<Ran> => {
      const args = ['bin/kubestrap.js', 'up', '--yes', '-i', file(version), '-o', 'plain']
      return took(`${source}, up of ${version}`, run(process.execPath, args, { timeoutMs: 3_600_000 }))
    }

    beforeAll(async () => {
      mkdirSync(directory, { recursive: true })
      signer = new Signer(directory)
      // the machines alone; where programs come from is known when the bridge is there
      lab = inventory(
        `${source}-lab`,
        (text) => todaysLab(text, { releases, version: from, network: 'bridge' }),
        { bare: true },
      )
      await startLab(lab)
      site = await startReleaseSite(join(directory, 'site'), gateway)
      const stock = new Map<string, StockedImage>()
      for (const version of [from, to]) {
        for (const [name, image] of await imagesOfBundle(bundleOf(version))) stock.set(name, image)
        const base = `/core:/stable:/v${version.replace(/\.\d+$/, '')}/deb`
        const debs = kubernetesDebs(version, bundleOf(version), '/usr/lib/cni')
        for (const [path, page] of debRepository(directory, base, debs, signer)) site.pages.set(path, page)
        for (const name of ['kubelet', 'kubectl']) {
          const program = gunzipSync(readFileSync(join(bundleOf(version), 'bin', `${name}.gz`)))
          const path = `/release/v${version}/bin/linux/amd64/${name}`
          site.pages.set(path, program)
          site.pages.set(`${path}.sha256`, sha256(program))
        }
      }
      registry = await startRegistry(join(directory, 'registry'), gateway, undefined, stock)
    })
    afterAll(async () => {
      await Promise.all([site?.close(), registry?.close()])
      signer?.end()
      if (lab && !process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab)
    })

    test(`from ${from} to ${to}`, { timeout: 3_600_000 }, async () => {
      const born = await up(from)
      expect(born.code, born.stdout + born.stderr).toBe(0)
      const plan = await kubestrap('upgrade', 'plan', to, '-i', file(from), '-o', 'plain')
      process.stderr.write(`${plan.stdout}\n${plan.stderr}\n`)
      const upgraded = await up(to)
      process.stderr.write(`${upgraded.stdout.slice(-6000)}\n${upgraded.stderr}\n`)
      expectCode(upgraded, 0)
      const kubelets = `kubectl get nodes -o jsonpath='{.items[*].status.nodeInfo.kubeletVersion}'`
      expect((await on(cp1, kubelets)).split(' ')).toEqual(nodes.map(() => `v${to}`))
      if (source === 'packages')
        for (const name of nodes) {
          expect(await on(name, 'apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet\n')
          const shown = await on(name, 'kubeadm version -o short; dpkg --verify kubelet kubeadm kubectl')
          expect(shown).toBe(`v${to}\n`)
        }
      expect((await up(to)).stdout).toContain('Nothing to change')
    })
  },
)
