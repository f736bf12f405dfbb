import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Step } from '../../src/engine/step.js'
import type { Host } from '../../src/host/host.js'
import { createHost } from '../../src/host/remote-host.js'
import { UserError } from '../../src/lib/errors.js'
import { debian } from '../../src/os/debian.js'
import { repository } from '../../src/resources/repository.js'
import { kubernetesRepositories } from '../../src/sources/community-packages.js'
import { sites } from '../../src/sources/urls.js'
import { kubernetesPackageSteps } from '../../src/steps/programs/kubernetes-packages.js'
import { applyNow, unseen } from '../support/apply-now.js'
import { machine, withVersion } from '../support/context.js'
import { debRepository, Signer } from '../support/deb-repository.js'
import { type OverlayRoot, overlayRoot, whyNoOverlay } from '../support/overlay-root.js'
import { hanging, type ReleaseSite, startReleaseSite } from '../support/release-site.js'

/**
 * The real apt against a signed repository of the layout of pkgs.k8s.io, over HTTPS, in a layer of this computer's
 * files: packages made by dpkg-deb, signed by a key of the test.
 */
const tools = ['apt-get', 'dpkg-deb', 'gpg', 'gpgconf', 'openssl']
const absent = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
const why = absent.length > 0 ? `without ${absent.join(', ')}` : whyNoOverlay()
if (why) console.warn(`packages of Kubernetes are not tested with apt: ${why}`)

const base = '/core:/stable:/v1.30/deb'
let directory: string
let site: ReleaseSite
let signer: Signer
let root: OverlayRoot
let host: Host

const program = (name: string, version: string, depends?: string) => ({
  name,
  version: `${version}-1.1`,
  ...(depends ? { depends } : {}),
  file: [`usr/bin/${name}`, `#!/bin/sh\necho ${name} ${version}\n`] as const,
})
const cni = {
  name: 'kubernetes-cni',
  version: '1.4.0-1.1',
  file: ['opt/cni/bin/bridge', 'a plug-in'] as const,
}
/** The repository with these patch releases. */
function publish(...versions: string[]): void {
  const debs = versions.flatMap((version) => [
    program('kubelet', version, 'kubernetes-cni (>= 1.2.0)'),
    program('kubectl', version),
    program('kubeadm', version),
  ])
  for (const [path, page] of debRepository(directory, base, [cni, ...debs], signer))
    site.pages.set(path, page)
}

beforeAll(async () => {
  if (why) return
  directory = mkdtempSync(join(tmpdir(), 'ks-packages-'))
  site = await startReleaseSite(directory)
  signer = new Signer(directory)
}, 60_000)
afterAll(async () => {
  signer?.end()
  await site?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})
beforeEach(async (test) => {
  if (why) return
  site.pages.clear()
  publish('1.30.1', '1.30.2')
  root = await overlayRoot()
  test.onTestFinished(() => root.end())
  // what this computer installs from, and what its apt runs besides, is no part of it
  root.run(`rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/lib/kubestrap
grep -lE 'Invoke|http' /etc/apt/apt.conf.d/* | xargs -r rm -f; dpkg --purge --force-all kubelet kubectl kubeadm >/dev/null 2>&1; rm -f /usr/bin/kubelet /usr/bin/kubectl /usr/bin/kubeadm; exit 0`)
  // a silent server has three seconds instead of thirty
  const { run } = root.connection
  const impatient = (args: readonly string[] = []) =>
    args.map((one) => one.replaceAll('Timeout=30 ', 'Timeout=3 '))
  host = createHost('w1', {
    ...root.connection,
    run: (command) => run({ ...command, args: impatient(command.args) }),
  })
  await host.takeOver('epoch')
})

let caches = 0
/** The steps of a node for this version, in their order. */
async function steps(version: string, key?: string): Promise<Step[]> {
  const found = await kubernetesRepositories(
    { minor: '1.30', at: 'inventory.yaml:2:3', formats: ['deb'] },
    { ...sites, packages: site.url },
    join(directory, `keys-${caches++}`),
    { ca: site.ca },
  )
  const own = found.deb
  if (!own) throw new Error('no repository')
  const node = { ...machine({ name: 'w1', roles: ['worker'] }), host }
  return [
    repository(host, debian, own.wish, key ?? own.key),
    ...kubernetesPackageSteps(withVersion(version, node), own),
  ]
}
/** Applies steps one after the other. What each did, in words; a step that is up to date says nothing. */
async function apply(some: readonly Step[]): Promise<string[]> {
  const said: string[] = []
  for (const step of some) {
    const changes = await applyNow(step)
    if (changes.length === 0) continue
    expect(step.diff(await step.probe())).toEqual([])
    said.push(...changes.map(({ summary }) => summary.replaceAll(site.url, 'SITE')))
  }
  return said
}
const told = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UserError)) throw error
  const next = error.next === undefined ? '' : `\n→ ${error.next}`
  return `${error.kind}: ${error.message}\n${error.why ?? ''}${next}`.replaceAll(site.url, 'SITE')
}
const installed = (): string =>
  root.run(
    `dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' 'kube*' 2>/dev/null | grep ' installed$'; exit 0`,
  )

describe.skipIf(why !== undefined)('packages of Kubernetes', () => {
  it('are installed in exactly the version, held, and known to the ledger', async () => {
    expect(await apply(await steps('1.30.1'))).toEqual([
      'trust /etc/apt/keyrings/kubestrap-kubernetes.asc for repository kubernetes',
      'write /etc/apt/keyrings/kubestrap-kubernetes-ca.pem',
      'write /etc/apt/apt.conf.d/90kubestrap-kubernetes',
      'write /etc/apt/keyrings/kubestrap-kubernetes-ca-all.pem',
      'add repository kubernetes (SITE/core:/stable:/v1.30/deb)',
      'install kubelet 1.30.1, kubectl 1.30.1, kubeadm 1.30.1',
      'keep kubelet, kubectl, kubeadm from upgrades',
    ])
    expect(root.run('kubelet; kubeadm; cat /opt/cni/bin/bridge; ls /run/kubestrap/restart')).toBe(
      'kubelet 1.30.1\nkubeadm 1.30.1\na plug-inkubelet.service\n',
    )
    expect(root.run('cut -f2,3 /var/lib/kubestrap/ledger | grep -E "package|held" | sort')).toBe(
      'held\tkubeadm\nheld\tkubectl\nheld\tkubelet\npackage\tkubeadm\npackage\tkubectl\npackage\tkubelet\npackage\tkubernetes-cni\n',
    )
    // an upgrade by others leaves them alone, and a second run changes nothing
    root.run('apt-get -y -q upgrade >/dev/null 2>&1')
    expect(installed()).toContain('kubelet 1.30.1-1.1 installed')
    expect(await apply(await steps('1.30.1'))).toEqual([])
  }, 120_000)

  it('are replaced by another version, older or newer, though they are held', async () => {
    await apply(await steps('1.30.2'))
    expect(await apply(await steps('1.30.1'))).toEqual([
      'install kubelet 1.30.1, kubectl 1.30.1, kubeadm 1.30.1 in place of kubelet 1.30.2-1.1, kubectl 1.30.2-1.1, kubeadm 1.30.2-1.1',
    ])
    expect(root.run('kubelet; apt-mark showhold')).toBe('kubelet 1.30.1\nkubeadm\nkubectl\nkubelet\n')
    expect(await told(apply(await steps('1.30.9')))).toMatch(/does not have kubelet 1\.30\.9/)
    expect(root.run('apt-mark showhold')).toBe('kubeadm\nkubectl\nkubelet\n')
    await apply(await steps('1.30.2'))
    expect(root.run('kubelet; apt-mark showhold')).toBe('kubelet 1.30.2\nkubeadm\nkubectl\nkubelet\n')
    // a hold of somebody else's is none of ours to release
    root.run('sed -i "/held/d" /var/lib/kubestrap/ledger')
    expect(await told(apply(await steps('1.30.1')))).toMatch(/is held, and not by kubestrap: release it/)
  }, 120_000)

  it('replace programs that came without packages', async () => {
    root.run(
      'echo old >/usr/bin/kubelet; mkdir -p /opt/cni/bin; ln -sf /usr/lib/cni/bridge /opt/cni/bin/bridge',
    )
    await apply(await steps('1.30.2'))
    expect(root.run('kubelet; cat /opt/cni/bin/bridge')).toBe('kubelet 1.30.2\na plug-in')
  }, 120_000)

  it('of a version that appeared after the lists were read are found, others are told', async () => {
    await apply((await steps('1.30.1')).slice(0, 1))
    publish('1.30.1', '1.30.2', '1.30.3')
    await apply(await steps('1.30.3'))
    expect(installed()).toContain('kubelet 1.30.3-1.1 installed')
    expect(await told(apply(await steps('1.30.9')))).toMatch(
      /^step: install kubelet, kubectl, kubeadm 1\.30\.9: failed with exit code 1\nthe repository does not have kubelet 1\.30\.9; it has: 1\.30\.3-1\.1 1\.30\.2-1\.1 1\.30\.1-1\.1\n→ set kubernetes\.version to one of them/,
    )
    expect(installed()).toContain('kubelet 1.30.3-1.1 installed')
  }, 120_000)

  it('are not taken from a repository that another key signed, nor without a signature', async () => {
    const other = new Signer(directory)
    try {
      expect(await told(apply(await steps('1.30.1', other.key)))).toMatch(
        /^step: read repository kubernetes: failed[\s\S]*(NO_PUBKEY|not signed)/,
      )
    } finally {
      other.end()
    }
    site.pages.delete(`${base}/InRelease`)
    expect(await told(apply(await steps('1.30.1')))).toMatch(/^step: read repository kubernetes: failed/)
    expect(installed()).toBe('')
  }, 120_000)

  const files = (): string =>
    root.run('ls /etc/apt/sources.list.d /etc/apt/keyrings /etc/apt/apt.conf.d /var/lib/kubestrap/unread')
  const unsigned = (): void => {
    const lists = String(site.pages.get(`${base}/InRelease`))
    const [, release = ''] = /\n\n([\s\S]*?)-----BEGIN PGP SIGNATURE/.exec(lists) ?? []
    site.pages.delete(`${base}/InRelease`)
    site.pages.set(`${base}/Release`, release)
  }

  it.each([
    ['is not signed', unsigned, /is not signed/],
    ['is not there', () => site.pages.clear(), /404 {2}Not Found/],
    ['is signed with another key', () => {}, /NO_PUBKEY|not signed/],
    ['hangs', () => site.pages.set(`${base}/InRelease`, hanging), /Connection timed out|Timeout/i],
  ])(
    'leave nothing of a repository that %s, and apt as it was',
    async (_, prepare, words) => {
      root.run('mkdir -p /etc/apt/keyrings /var/lib/kubestrap/unread')
      const before = files()
      const other = new Signer(directory)
      try {
        const [first] = await steps('1.30.1', words.source.startsWith('NO_PUBKEY') ? other.key : undefined)
        if (!first) throw new Error('no step')
        prepare()
        const said = await told(applyNow(first))
        expect(said).toMatch(words)
        expect(said).toMatch(
          /^step: read repository kubernetes: failed with exit code \d+\n[\s\S]*\n→ check SITE\/core:\/stable:\/v1\.30\/deb, what it is signed with, and that the host reaches it; the repository was removed from the host again; .*$/,
        )
        expect(files()).toBe(before)
        expect(root.run('apt-get update 2>&1')).not.toMatch(/kubernetes|^[EW]:/m)
        // it is found again, and works once it is put right
        expect(first.diff(await first.probe()).length).toBeGreaterThan(0)
      } finally {
        other.end()
      }
      site.pages.clear()
      publish('1.30.1')
      await apply((await steps('1.30.1')).slice(0, 1))
      expect(files()).toContain('kubestrap-kubernetes.sources')
    },
    120_000,
  )

  it('come from the repository of before where another one cannot be read', async () => {
    await apply(await steps('1.30.1'))
    const sum = 'cd /etc/apt && cat sources.list.d/* keyrings/* apt.conf.d/90kubestrap-* | sha256sum'
    const before = root.run(sum)
    const other = new Signer(directory)
    try {
      const [first] = await steps('1.30.1', other.key)
      if (!first) throw new Error('no step')
      expect(await told(applyNow(first))).toMatch(/^step: read repository kubernetes/)
    } finally {
      other.end()
    }
    expect(root.run(sum)).toBe(before)
    expect(await apply(await steps('1.30.2'))).toEqual([expect.stringMatching(/^install kubelet 1\.30\.2/)])
  }, 120_000)

  it('come from a repository that a killed run had not read, which is begun anew', async () => {
    const [first] = await steps('1.30.1')
    if (!first) throw new Error('no step')
    site.pages.set(`${base}/InRelease`, hanging)
    // killed on both sides while the lists are read: nobody is left to take it back
    const work = first.apply(first.diff(await first.probe()), unseen).catch(() => {})
    await expect
      .poll(() => root.run('ls /etc/apt/sources.list.d'), { timeout: 20_000 })
      .toContain('kubestrap-kubernetes.sources')
    root.run('cp -a /etc/apt /var/lib/kubestrap/unread /tmp/')
    await work
    expect(root.run('ls /etc/apt/sources.list.d')).toBe('')
    root.run('cp -a /tmp/apt /etc/; cp -a /tmp/unread /var/lib/kubestrap/')
    site.pages.clear()
    publish('1.30.1')
    expect(await apply((await steps('1.30.1')).slice(0, 1))).toEqual([
      'read repository kubernetes, which an earlier run did not get to',
    ])
    expect(root.run('ls /var/lib/kubestrap/unread')).toBe('')
    expect(await apply((await steps('1.30.1')).slice(0, 1))).toEqual([])
  }, 120_000)

  it('are not taken where a package is another than the signed list says', async () => {
    const path = `${base}/amd64/kubelet_1.30.1-1.1_amd64.deb`
    const real = site.pages.get(path)
    site.pages.set(path, Buffer.from(String(real)).fill('x'))
    await apply((await steps('1.30.1')).slice(0, 1))
    expect(await told(apply(await steps('1.30.1')))).toMatch(
      /^step: install kubelet[\s\S]*(Hash Sum mismatch|unexpected size)/,
    )
    expect(installed()).toBe('')
  }, 120_000)
})
