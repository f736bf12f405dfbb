import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { imagesOfBundle } from '../support/bundle-images.js'
import { startLab } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  directory,
  gateway,
  inventory,
  kubestrap,
  labKey,
  machines,
  on,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { bring } from '../support/kubeadm-node.js'
import { startRegistry } from '../support/registry.js'
import { sha256, startReleaseSite } from '../support/release-site.js'
import { balanced, bundledVersions, todaysLab, took } from '../support/todays-lab.js'

// Births of today's Kubernetes on real components, which no archive of Debian's has:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand releases
// DIR has a bundle of each version as bundle-1.36.3; see src/bundle/manifest.ts. Where it has programs/ too (containerd,
// containerd-shim-runc-v2, ctr, runc and cni/, of a later Debian) these are released and downloaded.
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const versions = bundledVersions(releases)
const reason = versions.length === 0 ? 'KUBESTRAP_RELEASES names no directory with bundles' : whyNot()

async function born(what: string, file: string, ...passed: string[]): Promise<string> {
  const ran = await took(what, kubestrap('up', '--yes', '-i', file, '-o', 'plain'))
  expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0)
  for (const words of [
    'DNS names of Services: echo',
    'DNS names of Pods behind a headless Service',
    "DNS names from a Pod in its node's network",
    ...passed,
  ])
    expect(ran.stdout).toContain(words)
  const again = await kubestrap('up', '--yes', '-i', file, '-o', 'plain')
  expect(again.stdout).toContain('Nothing to change')
  expectCode(again, 0)
  return ran.stdout
}

describe.skipIf(reason !== undefined).each(versions.length > 0 ? versions : ['none'])(
  `Kubernetes %s${reason ? ` (skipped: ${reason})` : ''}`,
  (version) => {
    const bundle = join(releases, `bundle-${version}`)
    const file = (name: string, network: string, edit: (text: string) => string = (text) => text): string =>
      inventory(`${name}-${version}`, (text) => edit(todaysLab(text, { releases, version, network })), {
        bare: true,
      })
    let lab = ''
    const fresh = async (named: string): Promise<string> => {
      lab = named
      await startLab(lab)
      return lab
    }
    let closing: (() => Promise<void>)[] = []
    afterEach(async () => {
      await Promise.all(closing.map((close) => close()))
      closing = []
    })
    afterAll(async () => {
      if (lab) await kubestrap('lab', 'down', '-i', lab)
    })

    /** The real kubeadm of the version finds nothing wrong with the cluster, and the images that it would use. */
    const kubeadmAccepts = async (): Promise<string[]> => {
      await bring(cp1, bundle, 'kubeadm')
      const dates = await answerOf(cp1, 'kubeadm certs check-expiration')
      // only the control plane node that a cluster begins with has it
      expect(dates.stdout.replace(/^!MISSING! super-admin.conf/m, '')).not.toMatch(/MISSING|invalid/)
      expectCode(dates, 0)
      expectCode(await answerOf(cp1, `kubeadm upgrade plan v${version}`), 0)
      const list = await on(cp1, `kubeadm config images list --kubernetes-version v${version}`)
      return list.trim().split('\n')
    }

    /** A worker leaves, joins again by the real kubeadm with the line that kubeadm prints, and is adopted. */
    const kubeadmJoins = async (ways: string, more = ''): Promise<void> => {
      expectCode(await kubestrap('reset', w2, '-i', lab, '--yes'), 0)
      await kubestrap('phase', 'run', 'host', 'packages', 'runtime', 'binaries', 'images', '-i', lab)
      await bring(w2, bundle, 'kubeadm')
      const unit = readFileSync(new URL('../support/kubeadm-node.sh', import.meta.url), 'utf8')
      await on(w2, `set -e\n${unit.slice(unit.indexOf('# where the package kubernetes-cni'))}`)
      const line = (await on(cp1, 'kubeadm token create --print-join-command')).trim()
      // this kernel's cgroup v1 is what SystemVerification refuses
      const joined = await took(
        'kubeadm join',
        answerOf(w2, `${line} --ignore-preflight-errors=SystemVerification${more}`),
      )
      expect(joined.stdout, joined.stderr).toContain('This node has joined the cluster')
      await born('up, adopting', lab, ways)
    }

    test('on containerd, with bridge: kubeadm accepts it, and joins a worker that is adopted', async () => {
      await fresh(file('bridge', 'bridge'))
      await born('containerd, bridge, 1+2', lab, 'Pod to Pod across nodes: 6 ways [passed')
      const there = await on(cp1, 'ctr -n k8s.io images ls -q')
      for (const image of await kubeadmAccepts()) expect(there).toContain(image)
      await kubeadmJoins('Pod to Pod across nodes: 6 ways [passed')
    })

    test('on containerd, with flannel, whose backend is changed', async () => {
      await fresh(file('flannel', ''))
      const said = await born('containerd, flannel, 1+2', lab, 'Pod to Pod across nodes: 6 ways [passed')
      expect(said).toContain('keys that the inventory leaves out: runtime containerd, network flannel')
      await kubeadmAccepts()
      await kubeadmJoins('Pod to Pod across nodes: 6 ways [passed')
      const routes = file('host-gw', 'flannel', (text) => `${text}flannel: { backend: host-gw }\n`)
      await born('flannel, host-gw', routes, 'Pod to Pod across nodes: 6 ways [passed')
      await expect
        .poll(() => on(cp1, 'ip route'), { timeout: 60_000 })
        .toContain(`via ${machines[w1]} dev host0`)
    })

    test.skipIf(!existsSync(join(bundle, 'bin', 'cri-dockerd.gz')))(
      'on Docker with cri-dockerd',
      async () => {
        await fresh(file('docker', 'bridge', (text) => text.replace('network:', 'runtime: docker\nnetwork:')))
        await born('Docker, bridge, 1+2', lab, 'Pod to Pod across nodes: 6 ways [passed')
        await kubeadmAccepts()
        await kubeadmJoins(
          'Pod to Pod across nodes: 6 ways [passed',
          ' --cri-socket unix:///run/cri-dockerd.sock',
        )
      },
    )

    test('three control planes behind haproxy and keepalived', async () => {
      await fresh(file('ha', 'bridge', balanced))
      await born(
        'containerd, bridge, 3+2 behind haproxy and keepalived',
        lab,
        'Pod to Pod across nodes: 20 ways [passed',
      )
      await kubeadmAccepts()
      await kubeadmJoins('Pod to Pod across nodes: 20 ways [passed')
    })

    test('an inventory that kubestrap new writes, three fresh machines: hosts download programs and pull images', async () => {
      lab = file('download', 'bridge')
      await startLab(lab)
      const site = await startReleaseSite(join(directory, 'site'), gateway)
      const stock = await imagesOfBundle(bundle)
      const registry = await startRegistry(join(directory, 'registry'), gateway, undefined, stock)
      closing = [site.close, registry.close]
      for (const name of ['kubelet', 'kubectl']) {
        const program = gunzipSync(readFileSync(join(bundle, 'bin', `${name}.gz`)))
        const path = `/release/v${version}/bin/linux/amd64/${name}`
        site.pages.set(path, program)
        site.pages.set(`${path}.sha256`, sha256(program))
      }
      const own = join(directory, `new-${version}.yaml`)
      // the machines of an earlier run had other host keys
      for (const file of [own, own.replace(/yaml$/, 'known_hosts')]) rmSync(file, { force: true })
      const workers = `${machines[w1]},${machines[w2]}`
      const words = ['--control-plane', machines[cp1] ?? '', '--worker', workers, '--key', labKey]
      const more = ['--host-keys', 'accept-new', '--kubernetes-version', version, '-f', own]
      const made = await took('kubestrap new', kubestrap('new', ...words, ...more))
      expectCode(made, 0)
      const written = readFileSync(own, 'utf8')
      expect(written.trim().split('\n').length).toBeLessThanOrEqual(12)
      // what this computer is, and where it has a copy of the Internet
      const here = todaysLab('kubeProxy:\n  config:\n    conntrack: { maxPerCore: 0 }\netcd:\n  x\n', {
        releases,
        version,
        network: '',
      })
      appendFileSync(
        own,
        `${here.replace(/^(?: {2}suites|kubelet: ).*\n/gm, '')}verify: { image: docker.io/library/kubestrap-verify:1 }
sources: { mirrors: { kubernetes: "${site.url}" }, caCertificate: ${site.caFile} }
registries:
  "*": { mirrors: ["${registry.url}"] }
  "${registry.url.slice('https://'.length)}": { caFile: ${registry.caFile} }
`,
      )
      const said = await born('downloaded, flannel, 1+2', own, 'Pod to Pod across nodes: 6 ways [passed')
      expect(said).toContain('keys that the inventory leaves out: runtime containerd, network flannel')
      expect(site.asked.filter((path) => path.endsWith('/kubelet'))).toHaveLength(3)
    })

    const programs = join(releases, 'programs')
    test.skipIf(!existsSync(programs))('containerd, runc and CNI plug-ins of their releases', async () => {
      lab = inventory(
        `released-${version}`,
        (text) =>
          todaysLab(text, { releases, version: version, network: 'bridge' }).replace(
            /suites: .*/,
            `suites: { ${[cp1, w1, w2].map((name) => `${name}: trixie`).join(', ')} }`,
          ),
        { bare: true },
      )
      await startLab(lab)
      const site = await startReleaseSite(join(directory, 'site'), gateway)
      closing = [site.close]
      const tar = (...args: string[]): Buffer => execFileSync('tar', ['-cz', ...args], { maxBuffer: 1 << 28 })
      const github = `/${version}`
      const release = (path: string, data: Buffer, digests: string, list: string): void => {
        site.pages.set(`${github}/${path}`, data)
        site.pages.set(`${github}/${path.replace(/[^/]*$/, digests)}`, list)
      }
      const containerd = tar(
        '--transform',
        's,^,bin/,',
        '-C',
        programs,
        'containerd',
        'containerd-shim-runc-v2',
        'ctr',
      )
      const archive = 'containerd-2.1.9-linux-amd64.tar.gz'
      release(
        `containerd/containerd/releases/download/v2.1.9/${archive}`,
        containerd,
        `${archive}.sha256sum`,
        `${sha256(containerd)}  ${archive}\n`,
      )
      const plugins = tar('-C', join(programs, 'cni'), '.')
      const bundleOfPlugins = 'cni-plugins-linux-amd64-v1.9.1.tgz'
      release(
        `containernetworking/plugins/releases/download/v1.9.1/${bundleOfPlugins}`,
        plugins,
        `${bundleOfPlugins}.sha256`,
        `${sha256(plugins)}  ${bundleOfPlugins}\n`,
      )
      // on these machines runc is called by a wrapper (templates/lab/runc-wrapper.sh): it stands for the release
      const wrapper = readFileSync(new URL('../../templates/lab/runc-wrapper.sh', import.meta.url))
      release(
        'opencontainers/runc/releases/download/v1.3.6/runc.amd64',
        wrapper,
        'runc.sha256sum',
        `${sha256(wrapper)}  runc.amd64\n`,
      )
      const put = 'cat >/usr/sbin/runc.real && chmod 0755 /usr/sbin/runc.real'
      await Promise.all([cp1, w1, w2].map((name) => on(name, put, join(programs, 'runc'))))
      appendFileSync(
        lab,
        `sources:
  runtime: download
  cniPlugins: download
  versions: { containerd: "2.1.9", runc: "1.3.6", cniPlugins: "1.9.1" }
  mirrors: { github: "${site.url}${github}" }
  caCertificate: ${site.caFile}
`,
      )
      const said = await born(
        'containerd 2.1.9 of its release, 1+2',
        lab,
        'Pod to Pod across nodes: 6 ways [passed',
      )
      expect(said).toMatch(new RegExp(`^${w2} .*containerd://.*2\\.1\\.9`, 'm'))
      expectCode(await kubestrap('reset', '-i', lab, '--yes'), 0)
      expect(await on(w1, 'ls /usr/local/bin /usr/local/sbin; systemctl is-active containerd || true')).toBe(
        '/usr/local/bin:\n\n/usr/local/sbin:\ninactive\n',
      )
    })
  },
)
