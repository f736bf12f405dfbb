import { execFileSync } from 'node:child_process'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { known } from '../../src/catalog.js'
import { NotYet } from '../../src/engine/late.js'
import { downloadScript, otherDigest } from '../../src/host/download-script.js'
import type { Host } from '../../src/host/host.js'
import { localConnection } from '../../src/host/local-connection.js'
import { createHost } from '../../src/host/remote-host.js'
import { digestCache } from '../../src/host/stat-script.js'
import { decodeInventory } from '../../src/inventory/decode.js'
import { UserError } from '../../src/lib/errors.js'
import { binary } from '../../src/resources/binary.js'
import { unpacked } from '../../src/resources/unpacked.js'
import { Digests } from '../../src/sources/digests.js'
import { kubernetesDownloads } from '../../src/sources/downloads.js'
import { fetchText } from '../../src/sources/fetch-text.js'
import { projectReleases } from '../../src/sources/project-releases.js'
import { sites } from '../../src/sources/urls.js'
import { programsOf, projectReleasesOf, repositoriesOf } from '../../src/workflows/session/programs.js'
import { unseen } from '../support/apply-now.js'
import { startConnectProxy } from '../support/connect-proxy.js'
import { contextOf, machine, withVersion } from '../support/context.js'
import { fakeHost } from '../support/fake-host.js'
import { keepHostDirectories } from '../support/host-run-directory.js'
import {
  cut,
  hanging,
  type ReleaseSite,
  redirectTo,
  sha256,
  startReleaseSite,
} from '../support/release-site.js'

/** A program, big enough to be cut. */
const kubelet = `#!/bin/sh\n${'# a kubelet\n'.repeat(2000)}echo Kubernetes v1.30.1\n`
const path = '/release/v1.30.1/bin/linux/amd64/kubelet'

let directory: string
let site: ReleaseSite
beforeAll(async () => {
  directory = fs.mkdtempSync(join(tmpdir(), 'ks-sources-'))
  site = await startReleaseSite(directory)
})
afterAll(async () => {
  await site.close()
  fs.rmSync(directory, { recursive: true, force: true })
})
beforeEach(() => {
  site.pages.clear()
  site.asked.length = 0
  site.pages.set(path, kubelet)
  site.pages.set(`${path}.sha256`, sha256(kubelet))
})

/** What somebody is told of an error: its kind, and all of its words. */
const told = async (work: Promise<unknown>): Promise<string> => {
  const error: unknown = await work.then(
    () => new Error('it succeeded'),
    (reason: unknown) => reason,
  )
  if (!(error instanceof UserError)) throw error
  return `${error.kind}: ${error.message}\n${error.why ?? ''}\n→ ${error.next ?? ''}`.replaceAll(
    site.url,
    'SITE',
  )
}

let caches = 0
const digests = (over: { ca?: string | undefined; deadlineMs?: number; cache?: string } = {}): Digests =>
  new Digests(over.cache ?? join(directory, `cache-${caches++}`), {
    ca: site.ca,
    deadlineMs: 2_000,
    environment: {},
    ...over,
  })

const downloads = (from = digests(), arches: readonly string[] = ['amd64']) =>
  kubernetesDownloads(
    { version: '1.30.1', at: 'inventory.yaml:2:3', names: ['kubelet'], arches },
    { ...sites, kubernetes: site.url },
    from,
    { ca: site.ca },
  )

describe("the operator's side", () => {
  it('fetches each digest once, by architecture, and keeps it for the next run', async () => {
    const cache = join(directory, 'kept')
    site.pages.set(path.replace('amd64', 'arm64').concat('.sha256'), `${sha256('arm')}  kubelet\n`)
    const found = await downloads(digests({ cache }), ['amd64', 'arm64', 'amd64', 'riscv64'])
    expect([...found].map(([key, { sha256: digest }]) => [key, digest])).toEqual([
      ['amd64/kubelet', sha256(kubelet)],
      ['arm64/kubelet', sha256('arm')],
    ])
    expect([...site.asked].sort()).toEqual([`${path}.sha256`, `${path.replace('amd64', 'arm64')}.sha256`])
    site.pages.clear()
    expect((await downloads(digests({ cache }))).get('amd64/kubelet')?.sha256).toBe(sha256(kubelet))
    expect(site.asked.length).toBe(2)
  })

  it('does not believe a kept digest that is cut or of something else', async () => {
    const cache = join(directory, 'spoilt')
    await downloads(digests({ cache }))
    const [file = ''] = fs.readdirSync(cache)
    const text = fs.readFileSync(join(cache, file), 'utf8')
    for (const spoilt of [text.slice(0, 40), text.replace('kubelet', 'kubectl'), text.trimEnd(), '']) {
      fs.writeFileSync(join(cache, file), spoilt)
      site.asked.length = 0
      expect((await downloads(digests({ cache }))).get('amd64/kubelet')?.sha256).toBe(sha256(kubelet))
      expect(site.asked).toEqual([`${path}.sha256`])
    }
  })

  it('follows redirects over HTTPS, as dl.k8s.io has one', async () => {
    site.pages.set(`${path}.sha256`, redirectTo('/elsewhere'))
    site.pages.set('/elsewhere', redirectTo(`${site.url}/at-last`))
    site.pages.set('/at-last', sha256(kubelet))
    expect((await downloads()).get('amd64/kubelet')?.sha256).toBe(sha256(kubelet))
  })

  it.each([
    [
      'a version that does not exist',
      () => site.pages.delete(`${path}.sha256`),
      /^inventory: the digest of kubelet 1\.30\.1 for amd64 was not found\nSITE\S* answers 404 Not Found\nkubernetes\.version is 1\.30\.1 \(inventory\.yaml:2:3\)\n→ set kubernetes\.version/,
    ],
    [
      'a server with an error of its own',
      () => site.pages.set(`${path}.sha256`, (_, answer) => answer.writeHead(503).end()),
      /^connection: cannot fetch the digest of kubelet 1\.30\.1 for amd64 from 127\.0\.0\.1:\d+\nSITE\S* answers 503 Service Unavailable\n→ check that this computer reaches it/,
    ],
    [
      'a server that hangs',
      () => site.pages.set(`${path}.sha256`, hanging),
      /^connection: cannot fetch [^\n]*\nno answer within 1 s\n→/,
    ],
    [
      'a server that never answers',
      () => site.pages.set(`${path}.sha256`, () => {}),
      /^connection: cannot fetch [^\n]*\nno answer within 1 s\n→/,
    ],
    [
      'an answer that is cut',
      () => site.pages.set(`${path}.sha256`, cut(sha256(kubelet))),
      /^connection: cannot fetch [^\n]*\naborted\n→/,
    ],
    [
      'a page of a proxy in place of the digest',
      () => site.pages.set(`${path}.sha256`, '<html>please log in</html>'),
      /^preflight: the digest of kubelet 1\.30\.1 for amd64 cannot be trusted\nSITE\S* does not have a SHA-256 of kubelet: "<html>please log in<\/html>"\n→ find out who answers there/,
    ],
    [
      'far more than a digest',
      () => site.pages.set(`${path}.sha256`, 'x'.repeat(2000)),
      /^preflight: the digest of kubelet [^\n]*\nSITE\S* has more than 1024 bytes\n/,
    ],
    [
      'a redirect away from HTTPS',
      () => site.pages.set(`${path}.sha256`, redirectTo('http://127.0.0.1/x')),
      /^connection: cannot fetch [^\n]*\nSITE\S* leads away from HTTPS, to http:\/\/127\.0\.0\.1\n/,
    ],
    [
      'redirects without an end',
      () => site.pages.set(`${path}.sha256`, redirectTo(`${path}.sha256`)),
      /^connection: [^\n]*\nmore than 5 redirects, the last to SITE\n/,
    ],
  ] as const)('says what is wrong: %s', async (what, prepare, words) => {
    prepare()
    // six handshakes take their time beside other tests
    const deadlineMs = /hangs|never answers/.test(what) ? 1_000 : 30_000
    expect(await told(downloads(digests({ deadlineMs })))).toMatch(words)
  })

  it('trusts no certificate of an authority that it was not told', async () => {
    expect(await told(downloads(digests({ ca: undefined })))).toMatch(
      /^connection: cannot fetch [^\n]*\n[^\n]*self-signed certificate[^\n]*\n→ set sources\.caCertificate/,
    )
  })

  it('goes through the proxy of the environment, with its login', async () => {
    const proxy = await startConnectProxy('ops:p@ss')
    const named = proxy.url.replace('//', '//ops:p%40ss@')
    const own = (environment: Record<string, string>) =>
      downloads(
        new Digests(join(directory, `cache-${caches++}`), { ca: site.ca, deadlineMs: 2_000, environment }),
      )
    try {
      site.pages.set(`${path}.sha256`, redirectTo('/elsewhere'))
      site.pages.set('/elsewhere', sha256(kubelet))
      expect((await own({ https_proxy: named })).get('amd64/kubelet')?.sha256).toBe(sha256(kubelet))
      expect(proxy.asked).toEqual([new URL(site.url).host, new URL(site.url).host])
      expect((await own({ HTTPS_PROXY: named, no_proxy: 'x, 127.0.0.1' })).size).toBe(1)
      expect(proxy.asked.length).toBe(2)
      const refused = await told(own({ https_proxy: proxy.url.replace('//', '//ops:hunter2@') }))
      expect(refused).toMatch(/\nthe proxy 127\.0\.0\.1:\d+ of the environment answers 407 /)
      expect(refused).not.toContain('hunter2')
      expect(await told(own({ https_proxy: 'http://127.0.0.1:1' }))).toMatch(
        /\nthe proxy 127\.0\.0\.1:1 of the environment: [^\n]*ECONNREFUSED/,
      )
      // nothing of it stays open, and keeps a command from ending
      await expect.poll(() => proxy.open(), { timeout: 3_000 }).toBe(0)
    } finally {
      await proxy.close()
    }
  })

  it('says where nothing listens', async () => {
    const wanted = {
      url: 'https://127.0.0.1:1/x',
      what: 'the digest of x',
      maxBytes: 10,
      missing: { kind: 'inventory' as const, why: '', next: '' },
      next: 'look',
    }
    expect(await told(fetchText(wanted, { ca: undefined }))).toMatch(
      /^connection: cannot fetch the digest of x from 127\.0\.0\.1:1\n[^\n]*ECONNREFUSED[^\n]*\n→ look$/,
    )
  })

  it('stops as soon as the run is interrupted', async () => {
    site.pages.set(`${path}.sha256`, () => {})
    const stop = new AbortController()
    const fetching = downloads(new Digests(join(directory, 'stop'), { ca: site.ca, signal: stop.signal }))
    setTimeout(() => stop.abort(new Error('interrupted')), 100)
    await expect(fetching).rejects.toThrow('interrupted')
  })
})

describe('the sources of a run', () => {
  const home = process.env.HOME
  afterEach(() => {
    process.env.HOME = home
  })
  /** What a session reads of sources for one new worker, by an inventory. */
  const read = async (sources: string, version = '1.30.1', keptOnly = false, workers = version) => {
    process.env.HOME = fs.mkdtempSync(join(directory, 'home-'))
    const text = `kubernetes: { version: "${version}" }
runtime: containerd
sources: ${sources}
hosts: { cp1: { address: 192.0.2.11, roles: [control-plane] }, w1: { address: 192.0.2.12, roles: [worker] } }
`
    const spec = decodeInventory(text, { file: '/i.yaml', label: 'i.yaml', home: '/', known })
    const machines = [
      machine({ name: 'cp1' }),
      machine({ name: 'w1', roles: ['worker'] }, { arch: 'arm64' }),
    ].map((one, i) => withVersion(i === 0 ? version : workers, one))
    const { bundle } = contextOf([])
    const options = { ca: site.ca, environment: {}, keptOnly }
    return Promise.all([
      programsOf(spec, bundle, machines, options),
      repositoriesOf(spec, machines, options),
      projectReleasesOf(spec, machines, options),
    ])
  }

  it('are the programs for the architecture of each node, from the mirrors', async () => {
    site.pages.set(path.replace('kubelet', 'kubectl').concat('.sha256'), sha256('kubectl'))
    for (const name of ['kubelet', 'kubectl'])
      site.pages.set(`/release/v1.30.1/bin/linux/arm64/${name}.sha256`, sha256(`arm ${name}`))
    const runc = '/g/opencontainers/runc/releases/download/v1.3.5/runc'
    site.pages.set(
      `${runc}.sha256sum`,
      ['amd64', 'arm64'].map((arch) => `${sha256(arch)}  runc.${arch}\n`).join(''),
    )
    const containerd = '/g/containerd/containerd/releases/download/v2.0.1/containerd-2.0.1-linux'
    for (const arch of ['amd64', 'arm64'])
      site.pages.set(`${containerd}-${arch}.tar.gz.sha256sum`, sha256(arch))
    const [programs, repositories, releases] = await read(
      `{ runtime: download, versions: { containerd: "2.0.1" }, mirrors: { kubernetes: "${site.url}", github: "${site.url}/g" }, caCertificate: ca.pem }`,
    )
    expect(programs.program('kubelet', 'arm64', '1.30.1')).toMatchObject({
      sha256: sha256('arm kubelet'),
      origin: { kind: 'url', url: `${site.url}/release/v1.30.1/bin/linux/arm64/kubelet` },
    })
    expect(() => programs.program('kubelet', 'riscv64', '1.30.1')).toThrow(
      'there is no kubelet 1.30.1 for riscv64',
    )
    expect(repositories).toEqual({})
    expect(releases.runc?.get('1.3.5')?.get('arm64')).toMatchObject({
      url: `${site.url}${runc}.arm64`,
      sha256: sha256('arm64'),
    })
    expect(releases.containerd?.get('2.0.1')?.get('amd64')?.url).toBe(`${site.url}${containerd}-amd64.tar.gz`)
    expect(releases.cniPlugins).toBeUndefined()
    // each list is asked for once for both architectures at most twice
    expect(site.asked.filter((one) => one.endsWith('.sha256')).length).toBe(4)
  })

  it('are those of the version that each node should run', async () => {
    const of = (version: string, arch: string, name: string) =>
      `/release/v${version}/bin/linux/${arch}/${name}`
    for (const name of ['kubelet', 'kubectl']) {
      site.pages.set(`${of('1.31.2', 'amd64', name)}.sha256`, sha256(`new ${name}`))
      site.pages.set(`${of('1.30.1', 'arm64', name)}.sha256`, sha256(`old ${name}`))
    }
    const [programs] = await read(
      `{ mirrors: { kubernetes: "${site.url}" }, caCertificate: ca.pem }`,
      '1.31.2',
      false,
      '1.30.1',
    )
    expect(programs.program('kubelet', 'amd64', '1.31.2').sha256).toBe(sha256('new kubelet'))
    expect(programs.program('kubelet', 'arm64', '1.30.1').sha256).toBe(sha256('old kubelet'))
    expect(() => programs.program('kubelet', 'arm64', '1.31.2')).toThrow(
      'there is no kubelet 1.31.2 for arm64',
    )
  })

  it('ask nobody for a command that only looks', async () => {
    const [programs] = await read(
      `{ mirrors: { kubernetes: "${site.url}" }, caCertificate: ca.pem }`,
      '1.30.1',
      true,
    )
    expect(site.asked).toEqual([])
    const program = programs.program('kubelet', 'amd64', '1.30.1')
    expect(program.sha256).toBeUndefined()
    const step = binary(fakeHost('w1'), { program, path: '/usr/bin/kubelet' })
    const there = { kind: 'file', mode: '0755', owner: 'root:root', size: 1, sha256: 'x' } as const
    expect(() => step.diff(there)).toThrow(new NotYet('the published digest of kubelet'))
    expect(step.diff({ kind: 'absent' })).toMatchObject([{ kind: 'install' }])
  })

  it('say which version of what does not exist', async () => {
    site.pages.set(path.replace('kubelet', 'kubectl').concat('.sha256'), sha256('kubectl'))
    for (const name of ['kubelet', 'kubectl'])
      site.pages.set(`/release/v1.30.1/bin/linux/arm64/${name}.sha256`, sha256(name))
    const reading = read(
      `{ cniPlugins: download, versions: { cniPlugins: "9.9.9" }, mirrors: { kubernetes: "${site.url}", github: "${site.url}" }, caCertificate: ca.pem }`,
    )
    expect(await told(reading)).toMatch(
      /^inventory: the digest of the CNI plug-ins 9\.9\.9 for a(md|rm)64 was not found\nSITE\S* answers 404 Not Found\nsources\.versions\.cniPlugins is 9\.9\.9[^\n]*\n→ set sources\.versions\.cniPlugins/,
    )
  })

  it('are the repositories of the package managers that nodes have, with keys that are kept', async () => {
    const key = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nx\n-----END PGP PUBLIC KEY BLOCK-----'
    const at = '/core:/stable:/v1.30/deb/Release.key'
    const inventory = `{ kubernetes: packages, mirrors: { packages: "${site.url}" }, caCertificate: ca.pem }`
    site.pages.set(at, key)
    const [, repositories] = await read(inventory)
    expect(repositories['1.30']).toEqual({
      deb: {
        key: `${key}\n`,
        wish: {
          name: 'kubernetes',
          url: `${site.url}/core:/stable:/v1.30/deb`,
          suite: '/',
          components: [],
          signedLists: true,
          ca: site.ca,
        },
      },
    })
    site.pages.set(at, '<html>')
    expect(await told(read(inventory))).toMatch(
      /^preflight: the key of the packages of Kubernetes 1\.30 cannot be trusted/,
    )
    site.pages.delete(at)
    expect(await told(read(inventory))).toMatch(
      /^inventory: the key of the packages of Kubernetes 1\.30 was not found/,
    )
  })
})

const missing = process.getuid?.() === 0 ? undefined : 'a host that is this machine needs root'

describe.skipIf(missing !== undefined)(`a host${missing ? ` (skipped: ${missing})` : ''}`, () => {
  let putBack: () => void
  let host: Host
  let place: string
  const target = (): string => join(place, 'kubelet')
  beforeAll(async () => {
    putBack = await keepHostDirectories()
  }, 300_000)
  afterAll(() => putBack())
  beforeEach(async () => {
    place = fs.mkdtempSync(join(directory, 'host-'))
    fs.rmSync('/run/kubestrap', { recursive: true, force: true })
    host = createHost('w1', localConnection())
    await host.takeOver('epoch')
  })
  afterEach(() => host.close())
  const step = async () => {
    const program = (await downloads()).get('amd64/kubelet')
    if (!program) throw new Error('no kubelet')
    return binary(host, { program, path: target(), needs: [] })
  }
  /** As the resource does, with little patience. */
  const raw = (programs = '', digest = sha256(kubelet)) =>
    host.mutate({
      what: 'download',
      script: programs === '' ? downloadScript : `PATH=${programs}\n${downloadScript}`,
      args: [target(), '0755', digest, `${site.url}${path}`, digestCache, '1'],
      stdin: `${Buffer.from(site.ca).toString('base64')}\n`,
      timeoutMs: 40_000,
    })
  const left = (): string[] => fs.readdirSync(place)

  /** A directory with the programs that scripts use, and of those that download only this one. */
  function programsWith(tool: 'wget' | 'none'): string {
    const bin = fs.mkdtempSync(join(directory, 'bin-'))
    for (const name of fs.readdirSync('/usr/bin'))
      if (name !== 'curl' && (name !== 'wget' || tool === 'wget'))
        fs.symlinkSync(`/usr/bin/${name}`, join(bin, name))
    return bin
  }

  it('downloads a program, held to its digest, and once it has it nothing more', async () => {
    const install = await step()
    const changes = install.diff(await install.probe())
    expect(changes.map(({ summary }) => summary)).toEqual([
      `install ${target()} from ${new URL(site.url).host}`,
    ])
    await install.apply(changes, unseen)
    expect(fs.readFileSync(target(), 'utf8')).toBe(kubelet)
    expect(fs.statSync(target()).mode & 0o7777).toBe(0o755)
    expect(left()).toEqual(['kubelet'])
    expect(install.diff(await install.probe())).toEqual([])
    expect(site.asked.filter((one) => one === path)).toEqual([path])
    const ledger = fs.readFileSync('/var/lib/kubestrap/ledger', 'utf8')
    expect(ledger).toContain(`2\tfile\t${target()}\tcreated\n`)
    expect(fs.readFileSync(digestCache, 'utf8')).toContain(`${sha256(kubelet)} `)
  })

  it('replaces another version, and takes what an earlier run left unfinished away', async () => {
    fs.writeFileSync(target(), 'an older kubelet')
    fs.writeFileSync(join(place, '.kubelet.kubestrap-123'), 'half of it')
    const install = await step()
    const changes = install.diff(await install.probe())
    expect(changes[0]?.summary).toMatch(/^replace /)
    await install.apply(changes, unseen)
    expect(fs.readFileSync(target(), 'utf8')).toBe(kubelet)
    expect(left()).toEqual(['kubelet'])
  })

  it('follows a redirect', async () => {
    site.pages.set(path, redirectTo('/elsewhere'))
    site.pages.set('/elsewhere', kubelet)
    await raw()
    expect(fs.readFileSync(target(), 'utf8')).toBe(kubelet)
  })

  it('downloads with wget where there is no curl', async () => {
    await raw(programsWith('wget'))
    expect(fs.readFileSync(target(), 'utf8')).toBe(kubelet)
    expect(left()).toEqual(['kubelet'])
  })

  it.each([
    ['a file that is not there', () => site.pages.delete(path), /exit code 22\n.*error: 404/],
    [
      'another program',
      () => site.pages.set(path, 'evil'),
      /exit code 98\nwhat was downloaded has SHA-256 [0-9a-f]{64}, and [0-9a-f]{64} is published/,
    ],
    ['a body that is cut', () => site.pages.set(path, cut(kubelet)), /exit code 18\n.*bytes remaining/],
    ['a server that hangs', () => site.pages.set(path, hanging), /exit code 28\n.*too slow/],
    [
      'a redirect away from HTTPS',
      () => site.pages.set(path, redirectTo('http://127.0.0.1/x')),
      /exit code 1\n.*[Pp]rotocol "?http"? /,
    ],
  ] as const)('keeps what it has, and says so: %s', async (_, prepare, words) => {
    fs.writeFileSync(target(), 'an older kubelet')
    prepare()
    expect(await told(raw())).toMatch(words)
    expect(fs.readFileSync(target(), 'utf8')).toBe('an older kubelet')
    expect(left()).toEqual(['kubelet'])
  })

  it('keeps what it has also with wget', async () => {
    fs.writeFileSync(target(), 'an older kubelet')
    site.pages.delete(path)
    expect(await told(raw(programsWith('wget')))).toMatch(/404/)
    site.pages.set(path, cut(kubelet))
    const words = await told(raw(programsWith('wget')))
    expect(words).toMatch(/exit code/)
    expect(fs.readFileSync(target(), 'utf8')).toBe('an older kubelet')
    expect(left()).toEqual(['kubelet'])
  })

  it('says what is missing where neither is installed', async () => {
    expect(await told(raw(programsWith('none')))).toMatch(/exit code 97\nneither curl nor wget is installed/)
  })

  it('tells what to do about another program', async () => {
    const install = await step()
    site.pages.set(path, 'evil')
    const work = install.apply(install.diff(await install.probe()), unseen)
    expect(await told(work)).toMatch(
      new RegExp(
        `^step: download SITE${path}: failed with exit code ${otherDigest}\\n.*\\n→ a proxy, or a mirror, gives another kubelet than the published one: its digest was fetched again, and is the same; nothing was installed$`,
      ),
    )
  })

  it('asks for the digest again, once for all hosts, and believes another one only when the kept one was deleted', async () => {
    const cache = join(directory, 'wrong')
    site.pages.set(`${path}.sha256`, sha256('another kubelet'))
    const found = (await downloads(digests({ cache }))).get('amd64/kubelet')
    if (!found) throw new Error('no program')
    const failing = async (): Promise<string> => {
      const install = binary(host, { program: found, path: target() })
      return told(install.apply(install.diff(await install.probe()), unseen))
    }
    site.pages.set(`${path}.sha256`, sha256(kubelet))
    site.asked.length = 0
    const [file = ''] = fs.readdirSync(cache)
    for (const words of [await failing(), await failing()])
      expect(words).toContain(
        `→ another digest of kubelet is published by now (${sha256(kubelet)}) than the one kept in ${join(cache, file)} (${sha256('another kubelet')}), but a release never changes: find out who has replaced it; if the new one is right, delete that file and run the same command again; nothing was installed`,
      )
    expect(site.asked.filter((one) => one === `${path}.sha256`).length).toBe(1)
    expect((await downloads(digests({ cache }))).get('amd64/kubelet')?.sha256).toBe(sha256('another kubelet'))
    fs.rmSync(join(cache, file))
    site.asked.length = 0
    expect((await downloads(digests({ cache }))).get('amd64/kubelet')?.sha256).toBe(sha256(kubelet))
    expect(site.asked.filter((one) => one === `${path}.sha256`).length).toBe(1)
  })

  it('a mirror that replaces a program and its digest is stopped in every run', async () => {
    const cache = join(directory, 'replaced')
    await downloads(digests({ cache }))
    site.pages.set(path, 'evil')
    site.pages.set(`${path}.sha256`, sha256('evil'))
    for (const _ of ['first', 'second']) {
      const found = (await downloads(digests({ cache }))).get('amd64/kubelet')
      if (!found) throw new Error('no program')
      const install = binary(host, { program: found, path: target() })
      expect(await told(install.apply(install.diff(await install.probe()), unseen))).toContain(
        `another digest of kubelet is published by now (${sha256('evil')})`,
      )
      expect(fs.existsSync(target())).toBe(false)
    }
  })

  it('keeps a digest that cannot be asked for again', async () => {
    const cache = join(directory, 'unreachable')
    site.pages.set(`${path}.sha256`, sha256('another kubelet'))
    const found = (await downloads(digests({ cache }))).get('amd64/kubelet')
    if (!found) throw new Error('no program')
    site.pages.set(`${path}.sha256`, (_, answer) => answer.writeHead(503).end())
    const install = binary(host, { program: found, path: target() })
    expect(await told(install.apply(install.diff(await install.probe()), unseen))).toMatch(
      /it could not be fetched again; run the same command again; nothing was installed/,
    )
    site.asked.length = 0
    expect((await downloads(digests({ cache }))).get('amd64/kubelet')?.sha256).toBe(sha256('another kubelet'))
    expect(site.asked).not.toContain(`${path}.sha256`)
  })

  describe('an archive', () => {
    const archivePath = '/containerd/containerd/releases/download/v2.2.3/containerd-2.2.3-linux-amd64.tar.gz'
    let archive: Buffer
    /** An archive with these files, as tar makes it; "-> TARGET" for a link. */
    const packed = (files: Readonly<Record<string, string>>): Buffer => {
      const tree = fs.mkdtempSync(join(directory, 'tree-'))
      for (const [name, text] of Object.entries(files)) {
        fs.mkdirSync(join(tree, name, '..'), { recursive: true })
        if (text.startsWith('-> ')) fs.symlinkSync(text.slice(3), join(tree, name))
        else fs.writeFileSync(join(tree, name), text)
      }
      return execFileSync('tar', ['-czf', '-', '-C', tree, '.'])
    }
    const publish = (data: Buffer): void => {
      archive = data
      site.pages.set(archivePath, data)
      site.pages.set(`${archivePath}.sha256sum`, `${sha256(data)}  containerd-2.2.3-linux-amd64.tar.gz\n`)
    }
    const install = async () => {
      const releases = await projectReleases(
        [{ project: 'containerd', version: '2.2.3', arches: ['amd64'] }],
        { ...sites, github: site.url },
        digests(),
        { ca: site.ca },
      )
      const found = releases.containerd?.get('2.2.3')?.get('amd64')
      if (!found) throw new Error('no release')
      const files = ['containerd', 'ctr'].map((name) => [`bin/${name}`, join(place, 'bin', name)] as const)
      return unpacked(host, { name: 'containerd', title: 'containerd', archive: found, files, needs: [] })
    }
    const apply = async (): Promise<string[]> => {
      const step = await install()
      const changes = step.diff(await step.probe())
      if (changes.length > 0) await step.apply(changes, unseen)
      expect(step.diff(await step.probe())).toEqual([])
      return changes.map(({ summary }) => summary.replaceAll(place, ''))
    }
    const programs = (): string[] => fs.readdirSync(join(place, 'bin')).sort()
    beforeEach(() => publish(packed({ 'bin/containerd': 'one', 'bin/ctr': 'two', 'bin/other': 'x' })))

    it('gives the files that are named, and nothing else, once', async () => {
      expect(await apply()).toEqual([`install /bin/containerd, /bin/ctr from ${new URL(site.url).host}`])
      expect(programs()).toEqual(['containerd', 'ctr'])
      expect(fs.statSync(join(place, 'bin/ctr')).mode & 0o7777).toBe(0o755)
      expect(await apply()).toEqual([])
      expect(site.asked.filter((one) => one === archivePath).length).toBe(1)
      expect(fs.readdirSync('/var/lib/kubestrap/archives').filter((one) => one.includes('unpack'))).toEqual(
        [],
      )
    })

    it('gives them again where one is another, of another version or in another mode', async () => {
      await apply()
      fs.writeFileSync(join(place, 'bin/ctr'), 'changed')
      expect(await apply()).toEqual([`install /bin/ctr from ${new URL(site.url).host}`])
      expect(fs.readFileSync(join(place, 'bin/ctr'), 'utf8')).toBe('two')
      fs.chmodSync(join(place, 'bin/ctr'), 0o644)
      expect((await apply()).length).toBe(1)
      publish(packed({ 'bin/containerd': 'one, newer', 'bin/ctr': 'two' }))
      expect((await apply()).length).toBe(1)
      expect(fs.readFileSync(join(place, 'bin/containerd'), 'utf8')).toBe('one, newer')
      fs.rmSync('/var/lib/kubestrap/archives/containerd')
      expect((await apply()).length).toBe(1)
    })

    it('replaces a link by the file', async () => {
      fs.mkdirSync(join(place, 'bin'))
      fs.symlinkSync('/nowhere', join(place, 'bin/ctr'))
      await apply()
      expect(fs.lstatSync(join(place, 'bin/ctr')).isFile()).toBe(true)
    })

    it.each([
      [
        'of another content',
        () => site.pages.set(archivePath, packed({ 'bin/containerd': 'evil', 'bin/ctr': 'evil' })),
        /exit code 98/,
      ],
      [
        'that is cut',
        () => site.pages.set(archivePath, cut(String(archive.toString('latin1')))),
        /exit code 18/,
      ],
      ['that is not there', () => site.pages.delete(archivePath), /exit code 22/],
      [
        'without one of the files',
        () => publish(packed({ 'bin/containerd': 'new' })),
        /the archive has no bin\/ctr/,
      ],
      [
        'with a link in place of a file',
        () => publish(packed({ 'bin/containerd': 'new', 'bin/ctr': '-> /etc/shadow' })),
        /the archive has no bin\/ctr/,
      ],
      ['that is none', () => publish(Buffer.from('not an archive')), /exit code 1\n[\s\S]*gzip/],
    ] as const)('%s changes nothing', async (_, prepare, words) => {
      await apply()
      prepare()
      const step = await install()
      const work = host.stat(join(place, 'bin/ctr')).then(() => step.apply([], unseen))
      expect(await told(work)).toMatch(words)
      expect(['containerd', 'ctr'].map((name) => fs.readFileSync(join(place, 'bin', name), 'utf8'))).toEqual([
        'one',
        'two',
      ])
      expect(programs()).toEqual(['containerd', 'ctr'])
      expect(fs.readdirSync('/var/lib/kubestrap/archives').filter((one) => one.includes('unpack'))).toEqual(
        [],
      )
    })
  })
})
