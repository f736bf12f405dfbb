import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Bundle } from '../../src/bundle/bundle.js'
import type { SystemPackages } from '../../src/bundle/manifest.js'
import type { Machine } from '../../src/cluster/machine.js'
import { createHost } from '../../src/host/remote-host.js'
import { UserError } from '../../src/lib/errors.js'
import { debian } from '../../src/os/debian.js'
import { packages } from '../../src/resources/packages.js'
import { chooseFor, forget, type SystemChoice } from '../../src/workflows/bundle/os-packages/choose.js'
import { downloadPackages } from '../../src/workflows/bundle/os-packages/download.js'
import type { SystemWish } from '../../src/workflows/bundle/os-packages/wishes.js'
import { withBrought } from '../../src/workflows/session/with-brought.js'
import { applyNow, lookAt } from '../support/apply-now.js'
import { contextOf, machine } from '../support/context.js'
import { type Deb, debRepository, Signer } from '../support/deb-repository.js'
import { type OverlayRoot, overlayRoot, whyNoOverlay } from '../support/overlay-root.js'
import { type ReleaseSite, startReleaseSite } from '../support/release-site.js'

/**
 * The real apt, in layers of this computer's files: one host downloads packages of a signed repository for the bundle, another
 * one that has no repository at all installs them.
 */
const tools = ['apt-get', 'dpkg-deb', 'gpg', 'gpgconf', 'openssl']
const absent = tools.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0)
const why = absent.length > 0 ? `without ${absent.join(', ')}` : whyNoOverlay()
if (why) console.warn(`packages of a bundle are not tested with apt: ${why}`)

let directory: string
let site: ReleaseSite
let signer: Signer
let asked: Machine
let askedRoot: OverlayRoot
let fresh: Machine
let freshRoot: OverlayRoot

const deb = (name: string, version: string, depends?: string): Deb => ({
  name,
  version,
  ...(depends ? { depends } : {}),
  file: [`usr/bin/${name}`, `#!/bin/sh\necho ${name} ${version}\n`],
})
/** ks-tool needs a library, of whose versions one is enough, and something of a version that is no part of a path. */
const stock = [
  deb('ks-tool', '1.2-3', 'ks-lib (>= 1.0), ks-odd'),
  deb('ks-lib', '1.1'),
  deb('ks-odd', '1:2.0~rc1+b2'),
]
const clocks = [deb('ks-clock', '1'), deb('ks-other-clock', '1')]

const wish = (...groups: string[][]): SystemWish => ({
  os: 'debian',
  version: '12',
  arch: 'amd64',
  groups,
  hosts: [asked],
})
const say = (): void => {}

/** A machine whose files are this computer's with changes of its own, without any repository. */
async function onOverlay(name: string): Promise<[Machine, OverlayRoot]> {
  const root = await overlayRoot()
  root.run(`rm -rf /etc/apt/sources.list /etc/apt/sources.list.d/* /var/lib/apt/lists/* /var/lib/kubestrap /var/tmp/*
grep -lE 'Invoke|http' /etc/apt/apt.conf.d/* | xargs -r rm -f; exit 0`)
  const host = createHost(name, root.connection)
  await host.takeOver('epoch')
  const own = machine(
    { name },
    { arch: 'amd64', os: { id: 'debian', like: [], version: '12', name: 'Debian 12' } },
  )
  return [{ ...own, os: debian, host }, root]
}

const dpkg = (root: OverlayRoot): string =>
  root.run(`dpkg-query -W -f '\${Package} \${Version} \${db:Status-Status}\\n' 'ks-*' 2>/dev/null; exit 0`)

/** Packages of the repository, by the paths that apt asks for. */
function publish(debs: readonly Deb[]): void {
  for (const [path, page] of debRepository(directory, '/debs', debs, signer))
    site.pages.set(
      path.replace(/[~+]/g, (one) => `%${one.charCodeAt(0).toString(16)}`),
      page,
    )
}

/** Installs a package by its file, without any repository. */
function put(root: OverlayRoot, one: Deb): void {
  const page = debRepository(directory, '', [one], signer).get(`/amd64/${one.name}_${one.version}_amd64.deb`)
  if (!(page instanceof Buffer)) throw new Error('no package')
  const script =
    'printf %s "$1" | base64 -d >/tmp/put.deb && dpkg -i /tmp/put.deb >/dev/null && rm /tmp/put.deb'
  root.run(script, page.toString('base64'))
}

beforeAll(async () => {
  if (why) return
  directory = mkdtempSync(join(tmpdir(), 'ks-os-packages-'))
  site = await startReleaseSite(directory)
  signer = new Signer(directory)
  publish([...stock, ...clocks])
}, 60_000)
afterAll(async () => {
  signer?.end()
  await site?.close()
  if (directory) rmSync(directory, { recursive: true, force: true })
})
beforeEach(async (test) => {
  if (why) return
  ;[asked, askedRoot] = await onOverlay('cp1')
  test.onTestFinished(() => askedRoot.end())
  ;[fresh, freshRoot] = await onOverlay('w1')
  test.onTestFinished(() => freshRoot.end())
  askedRoot.run(
    `printf '%s' "$1" >/etc/apt/keyrings/test.asc; printf '%s' "$2" >/etc/apt/test-ca.pem
echo "deb [signed-by=/etc/apt/keyrings/test.asc] $3/debs/ /" >/etc/apt/sources.list.d/test.list
echo 'Acquire::https::CAInfo "/etc/apt/test-ca.pem";' >/etc/apt/apt.conf.d/99test`,
    signer.key,
    site.ca,
    site.url,
  )
})

async function download(choice: SystemChoice): Promise<{ packages: SystemPackages; bundle: Bundle }> {
  const into = mkdtempSync(join(directory, 'bundle-'))
  const downloads = mkdtempSync(join(directory, 'downloads-'))
  const found = await downloadPackages(choice, { downloads, into, signal: new AbortController().signal, say })
  const { bundle } = contextOf([])
  return {
    packages: found,
    bundle: {
      ...bundle,
      manifest: { ...bundle.manifest, format: 3, packages: [found] },
      path: ({ file }) => join(into, file),
    },
  }
}

async function failure(work: Promise<unknown>): Promise<UserError> {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UserError)) throw error
  return error
}

describe.skipIf(why !== undefined)('packages of the distribution', () => {
  it('are downloaded with what the asked host has itself, and nothing changes there', async () => {
    put(askedRoot, deb('ks-lib', '1.1'))
    const before = dpkg(askedRoot)
    expect(before).toBe('ks-lib 1.1 installed\n')
    const choice = await chooseFor(wish(['ks-tool'], ['ks-clock']), new Map(), say)
    expect(askedRoot.run('ls /var/tmp')).toMatch(/^kubestrap-packages\.\w+\n$/)
    const { packages: found, bundle } = await download(choice)
    await forget(choice)
    expect(found.packages.map(({ name, version, file }) => [name, version, file])).toEqual([
      ['ks-clock', '1', 'packages/debian-12-amd64/ks-clock_1_amd64.deb'],
      ['ks-lib', '1.1', 'packages/debian-12-amd64/ks-lib_1.1_amd64.deb'],
      ['ks-odd', '1:2.0~rc1+b2', 'packages/debian-12-amd64/ks-odd_1@2.0@rc1+b2_amd64.deb'],
      ['ks-tool', '1.2-3', 'packages/debian-12-amd64/ks-tool_1.2-3_amd64.deb'],
    ])
    for (const one of found.packages)
      expect(
        createHash('sha256')
          .update(readFileSync(bundle.path(one)))
          .digest('hex'),
      ).toBe(one.fileSha256)
    expect(found.packages.at(-1)?.control).toEqual({ Depends: 'ks-lib (>= 1.0), ks-odd' })
    expect(dpkg(askedRoot)).toBe(before)
    expect(askedRoot.run('ls /var/tmp /var/lib/apt/lists')).toBe('/var/lib/apt/lists:\n\n/var/tmp:\n')
  })

  it('are installed where no repository is, of which only those are sent that the host lacks', async () => {
    const choice = await chooseFor(wish(['ks-tool']), new Map(), say)
    const { bundle } = await download(choice)
    // an older library, which is enough, is not replaced
    put(freshRoot, deb('ks-lib', '1.0'))
    // of a host that pins the release of its repositories
    freshRoot.run(`echo 'APT::Default-Release "bookworm";' >/etc/apt/apt.conf.d/99pin`)
    const said: string[] = []
    const host = createHost('w1', freshRoot.connection, ({ what }) => said.push(what))
    await host.takeOver('epoch')
    const { os } = withBrought({ ...fresh, host }, bundle)
    const step = packages(host, os, ['ks-tool', 'ks-lib'], { id: 'node', title: 'packages' })
    expect((await applyNow(step)).map(({ summary }) => summary)).toEqual(['install ks-tool from the bundle'])
    expect((await lookAt(step)).changes).toEqual([])
    expect(freshRoot.run('ks-tool; ks-odd; ks-lib')).toBe('ks-tool 1.2-3\nks-odd 1:2.0~rc1+b2\nks-lib 1.0\n')
    expect(said.filter((what) => what.startsWith('send'))).toEqual([
      'send package ks-odd',
      'send package ks-tool',
    ])
    expect(
      freshRoot.run(
        'cut -f2,3 /var/lib/kubestrap/ledger | grep package | sort; ls /var/lib/kubestrap /var/lib/apt/lists',
      ),
    ).toBe('package\tks-odd\npackage\tks-tool\n/var/lib/apt/lists:\n\n/var/lib/kubestrap:\nledger\n')
  })

  it('that are installed are not upgraded along with others, from repositories neither', async () => {
    put(askedRoot, deb('ks-lib', '1.0'))
    const step = packages(asked.host, debian, ['ks-tool', 'ks-lib'], { id: 'node', title: 'packages' })
    expect((await applyNow(step)).map(({ summary }) => summary)).toEqual(['install ks-tool'])
    expect(askedRoot.run('ks-tool; ks-lib')).toBe('ks-tool 1.2-3\nks-lib 1.0\n')
  })

  it('answer what would be installed, whatever lists a host has', async () => {
    const choice = await chooseFor(wish(['ks-tool']), new Map(), say)
    const { os } = withBrought(fresh, (await download(choice)).bundle)
    const offered = (name: string): string => freshRoot.run(`f() {\n${os.offeredVersion}\n}\nf "$1"`, name)
    expect(offered('ks-odd')).toBe('1:2.0~rc1+b2\n')
    expect(offered('ks-clock')).toBe('')
  })

  it('of another system, version or architecture are not brought', async () => {
    const choice = await chooseFor(wish(['ks-lib']), new Map(), say)
    const { bundle } = await download(choice)
    const { facts } = fresh
    expect(withBrought(fresh, bundle).os.brought?.system).toBe('debian 12 for amd64')
    for (const other of [
      { os: { ...facts.os, version: '13' } },
      { os: { ...facts.os, id: 'ubuntu' } },
      { arch: 'arm64' },
    ])
      expect(withBrought({ ...fresh, facts: { ...facts, ...other } }, bundle).os.brought).toBeUndefined()
  })

  it('that were sent by a run that was cut are not sent again', async () => {
    const choice = await chooseFor(wish(['ks-tool']), new Map(), say)
    const { bundle } = await download(choice)
    const { os } = withBrought(fresh, bundle)
    const { run } = freshRoot.connection
    const said: string[] = []
    let cut = true
    const host = createHost('w1', {
      ...freshRoot.connection,
      run: (command) => {
        if (command.args?.[1] === 'install packages' && cut)
          return Promise.resolve({ kind: 'lost', reason: 'cut' })
        if (command.args?.[1]?.startsWith('send')) said.push(command.args[1])
        return run(command)
      },
    })
    await host.takeOver('epoch')
    const step = packages(host, os, ['ks-tool'], { id: 'node', title: 'packages' })
    await failure(applyNow(step))
    expect(said).toHaveLength(3)
    freshRoot.run('cd /var/lib/kubestrap/packages-node && echo damaged >ks-lib_1.1_amd64.deb')
    cut = false
    await applyNow(step)
    expect(said.slice(3)).toEqual(['send package ks-lib'])
    expect((await lookAt(step)).changes).toEqual([])
  })

  it('that the bundle lacks are named', async () => {
    const choice = await chooseFor(wish(['ks-lib']), new Map(), say)
    const { os } = withBrought(fresh, (await download(choice)).bundle)
    const step = packages(fresh.host, os, ['ks-tool', 'ks-lib'], { id: 'node', title: 'packages' })
    expect(await failure(applyNow(step))).toMatchObject({
      message: 'the bundle has no package ks-tool for debian 12 for amd64',
      next: expect.stringContaining('bundle create --os-packages'),
    })
  })

  it('that would replace others on a host are refused, and the others stay', async () => {
    publish([...stock, ...clocks, deb('ks-rival', '1', 'ks-lib (>= 1.1)')])
    const choice = await chooseFor(wish(['ks-rival']), new Map(), say)
    const { bundle } = await download(choice)
    // a package of the host's own that goes with no other version of the library
    put(freshRoot, deb('ks-lib', '1.0'))
    put(freshRoot, deb('ks-own', '1', 'ks-lib (= 1.0)'))
    const { os } = withBrought(fresh, bundle)
    const error = await failure(
      applyNow(packages(fresh.host, os, ['ks-rival'], { id: 'node', title: 'packages' })),
    )
    expect(error.kind).toBe('step')
    expect(dpkg(freshRoot)).toBe('ks-lib 1.0 installed\nks-own 1 installed\n')
  })
})

describe.skipIf(why !== undefined)('a host that downloads packages for others is refused', () => {
  /** The asked host, whose answers to these scripts are changed on their way. */
  function lying(change: (script: string, said: Buffer) => Buffer): void {
    const { run } = askedRoot.connection
    const host = createHost('cp1', {
      ...askedRoot.connection,
      run: async (command) => {
        const outcome = await run(command)
        return outcome.kind === 'exited'
          ? { ...outcome, stdout: change(JSON.stringify(command), outcome.stdout) }
          : outcome
      },
    })
    asked = { ...asked, host }
  }
  const left = (): string => askedRoot.run('ls /var/tmp')

  it('that does not find one of them', async () => {
    const error = await failure(chooseFor(wish(['ks-missing']), new Map(), say))
    expect(error).toMatchObject({
      message: 'no host can download the packages for debian 12 on amd64',
      why: expect.stringMatching(/^cp1: .*\n.*ks-missing/s),
    })
    expect(left()).toBe('')
  })

  it('that cannot read its repository', async () => {
    askedRoot.run('rm /etc/apt/keyrings/test.asc')
    expect((await failure(chooseFor(wish(['ks-tool']), new Map(), say))).why).toContain(site.url)
    expect(left()).toBe('')
  })

  it.each([
    ['a file with a path', 'ks-odd_', '../ks-odd_'],
    ['a package of another architecture', '_amd64.deb', '_arm64.deb'],
    ['a version with other characters', 'ks-lib_1.1_', "ks-lib_1.1';_"],
  ])('that names %s', async (_, from, to) => {
    lying((_script, said) => Buffer.from(said.toString('latin1').replaceAll(from, to), 'latin1'))
    const { why: words } = await failure(chooseFor(wish(['ks-tool']), new Map(), say))
    expect(words).toContain('the package manager did not answer as expected')
    expect(left()).toBe('')
  })

  it('whose file is another than the repository has', async () => {
    lying((script, said) =>
      script.includes('skip=')
        ? Buffer.from(said.toString('latin1').replace('debian-binary', 'another bytes'), 'latin1')
        : said,
    )
    const choice = await chooseFor(wish(['ks-lib']), new Map(), say)
    expect(await failure(download(choice))).toMatchObject({
      kind: 'preflight',
      message: 'the package ks-lib_1.1_amd64.deb cannot be trusted',
      why: expect.stringMatching(/^its SHA-256 is [0-9a-f]{64}, expected /),
    })
  })

  it('whose control data are those of another package', async () => {
    lying((_script, said) =>
      Buffer.from(said.toString('latin1').replace('Version: 1.1', 'Version: 9.9'), 'latin1'),
    )
    const choice = await chooseFor(wish(['ks-lib']), new Map(), say)
    expect((await failure(download(choice))).why).toContain('control data of ks-lib_1.1_amd64.deb')
  })
})
