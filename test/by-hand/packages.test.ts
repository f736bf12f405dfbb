import { appendFileSync, existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { imagesOfBundle } from '../support/bundle-images.js'
import { debRepository, Signer } from '../support/deb-repository.js'
import { startLab } from '../support/e2e-cluster.js'
import {
  answerOf,
  cp1,
  directory,
  gateway,
  inventory,
  kubestrap,
  on,
  w1,
  w2,
  whyNot,
} from '../support/e2e-lab.js'
import { expectCode } from '../support/expect-code.js'
import { kubernetesDebs } from '../support/kubernetes-debs.js'
import { type Registry, startRegistry } from '../support/registry.js'
import { type ReleaseSite, startReleaseSite } from '../support/release-site.js'

// Kubernetes as packages of a signed repository with the layout of pkgs.k8s.io, made of the real programs, on machines:
//   KUBESTRAP_RELEASES=DIR npx vitest run --project by-hand packages
// DIR has bundle-1.36.3 (kubeadm in it, too) and programs/cni.
const version = '1.36.3'
const absentVersion = '1.36.9'
const releases = process.env.KUBESTRAP_RELEASES ?? ''
const bundle = join(releases, `bundle-${version}`)
const plugins = join(releases, 'programs', 'cni')
const lacking =
  releases === ''
    ? 'KUBESTRAP_RELEASES names no directory'
    : [join(bundle, 'bin', 'kubeadm.gz'), plugins]
        .filter((path) => !existsSync(path))
        .map((path) => `there is no ${path}`)[0]
const reason = lacking ?? whyNot()

const nodes = [cp1, w1]

/** What packages bring, and what says where they come from. */
const lookAround = `dpkg-query -W -f 'package \${Package} \${Version} \${db:Status-Status}\\n' | sort
apt-mark showhold | sed 's/^/held /'
find /etc/apt /etc/systemd /etc/default /usr/bin /usr/lib/systemd /usr/local /opt \\( -type f -o -type l \\) | sort
ls /var/lib/apt/lists | grep -i kube || true`
const things = async (name: string): Promise<Set<string>> => new Set((await on(name, lookAround)).split('\n'))
const more = (now: ReadonlySet<string>, before: ReadonlySet<string>): string[] =>
  [...now].filter((line) => !before.has(line))

describe.skipIf(reason !== undefined)(
  `Kubernetes as packages${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let site: ReleaseSite
    let registry: Registry
    let signer: Signer
    let lab = ''
    const file = (name: string, asked: string): string => {
      const path = inventory(
        name,
        (text) =>
          text
            .replace('"1.20.2"', `"${asked}"`)
            .replace('runtime: docker\n', '')
            .replace(/^dns:\n.*\n/m, '')
            .replace(/^etcd:\n.*\n/m, 'kubelet: { config: { failCgroupV1: false } }\n')
            .replace('  config:\n    conntrack', '  config:\n    mode: iptables\n    conntrack')
            .replace(/^binaries:\n.*\n/m, '')
            .replace(new RegExp(`^ {2}${w2}: .*\n`, 'm'), '')
            .concat(`  suites: { ${w1}: trixie }\n`),
        { bare: true },
      )
      appendFileSync(
        path,
        `sources: { kubernetes: packages, mirrors: { packages: "${site.url}" }, caCertificate: ${site.caFile} }
registries:
  "*": { mirrors: ["${registry.url}"] }
  "${registry.url.slice('https://'.length)}": { caFile: ${registry.caFile} }
`,
      )
      return path
    }
    const before = new Map<string, Set<string>>()

    beforeAll(async () => {
      mkdirSync(directory, { recursive: true })
      signer = new Signer(directory)
      // the machines alone; where programs come from is known when the bridge is there
      lab = inventory(
        'packages-lab',
        (text) =>
          text
            .replace(new RegExp(`^ {2}${w2}: .*\n`, 'm'), '')
            .replace(/bundle: .*/, `bundle: ${bundle}`)
            .concat(`  suites: { ${w1}: trixie }\n`),
        { bare: true },
      )
      await startLab(lab)
      site = await startReleaseSite(join(directory, 'site'), gateway)
      const stock = new Map(await imagesOfBundle(bundle))
      for (const [name, image] of [...stock]) stock.set(name.replace(version, absentVersion), image)
      registry = await startRegistry(join(directory, 'registry'), gateway, undefined, stock)
      const base = `/core:/stable:/v${version.replace(/\.\d+$/, '')}/deb`
      const debs = kubernetesDebs(version, bundle, plugins)
      for (const [path, page] of debRepository(directory, base, debs, signer)) site.pages.set(path, page)
      for (const name of nodes) before.set(name, await things(name))
    })
    afterAll(async () => {
      await Promise.all([site?.close(), registry?.close()])
      signer?.end()
      if (lab && !process.env.KUBESTRAP_KEEP) await kubestrap('lab', 'down', '-i', lab)
    })

    test('of a version that the repository does not have: a step fails and names those that there are', async () => {
      const ran = await kubestrap('up', '--yes', '-i', file('packages-absent', absentVersion), '-o', 'plain')
      process.stderr.write(`${ran.stderr}\n`)
      expectCode(ran, 6)
      expect(ran.stderr).toMatch(
        new RegExp(`the repository does not have kubelet ${absentVersion}; it has: ${version}-1.1`),
      )
      for (const name of nodes)
        expect(await on(name, 'dpkg-query -W kubelet kubectl kubeadm 2>/dev/null; apt-mark showhold')).toBe(
          '',
        )
    })

    test('one control plane and one worker, verified; again: nothing; held, and as kubeadm wants them', async () => {
      const own = file('packages', version)
      const began = Date.now()
      const ran = await kubestrap('up', '--yes', '-i', own, '-o', 'plain')
      process.stderr.write(`packages, 1+1: ${((Date.now() - began) / 1000).toFixed(1)} s\n`)
      expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0)
      expect(ran.stdout).toContain('DNS names of Services: echo')
      const again = await kubestrap('up', '--yes', '-i', own, '-o', 'plain')
      expect(again.stdout).toContain('Nothing to change')
      expectCode(again, 0)
      for (const name of nodes) {
        expect(await on(name, 'apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet\n')
        const whose = await on(name, 'dpkg -S /usr/bin/kubelet /usr/bin/kubectl /opt/cni/bin/bridge')
        expect(whose).toBe(
          'kubelet: /usr/bin/kubelet\nkubectl: /usr/bin/kubectl\nkubernetes-cni: /opt/cni/bin/bridge\n',
        )
        expect(
          await on(name, 'kubelet --version; dpkg --verify kubelet kubeadm kubectl kubernetes-cni'),
        ).toBe(`Kubernetes v${version}\n`)
        await on(name, 'DEBIAN_FRONTEND=noninteractive apt-get -y -q upgrade')
      }
      expectCode(await answerOf(cp1, 'kubeadm certs check-expiration'), 0)
    })

    test('reset --packages leaves nothing of them', async () => {
      const ran = await kubestrap('reset', '-i', file('packages', version), '--yes', '--packages', '--images')
      expect(ran.code, `${ran.stdout}\n${ran.stderr}`).toBe(0)
      process.stderr.write(`${ran.stdout.split('\n').slice(-12).join('\n')}\n`)
      for (const name of nodes) {
        const now = await things(name)
        const then = before.get(name) ?? new Set()
        expect({ name, left: more(now, then), lost: more(then, now) }).toEqual({ name, left: [], lost: [] })
      }
    })
  },
)
