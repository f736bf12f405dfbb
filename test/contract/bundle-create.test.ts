import { execFileSync, spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import type { ServerResponse } from 'node:http'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openBundle } from '../../src/bundle/bundle.js'
import { checkContents } from '../../src/bundle/check-contents.js'
import type { BundleArch } from '../../src/bundle/manifest.js'
import { verifyBundle } from '../../src/bundle/verify-bundle.js'
import { known } from '../../src/catalog.js'
import { loadInventory } from '../../src/inventory/load.js'
import { UserError } from '../../src/lib/errors.js'
import { createBundle } from '../../src/workflows/bundle/create-bundle.js'
import { startConnectProxy } from '../support/connect-proxy.js'
import { indexOf, type LayerForm, madeImage } from '../support/made-image.js'
import { type Registry, type RegistryOptions, type StockedImage, startRegistry } from '../support/registry.js'
import { cut, type Page, type ReleaseSite, sha256, startReleaseSite } from '../support/release-site.js'

const version = '1.36.3'
const login = 'robot:s3cret word'
const programs = ['kubelet', 'kubectl', 'kubeadm']
const arches: BundleArch[] = ['amd64', 'arm64']

let scratch: string
let site: ReleaseSite
let blobs: ReleaseSite
let registry: Registry
let directory: string
const options: RegistryOptions = {
  tokens: true,
  blobsAt: (digest) => `${blobs.url}/blobs/${digest}?permit=yes`,
}
const stock = new Map<string, StockedImage>()
/** Names as this Kubernetes has them, by the mirror's own. */
const images = [
  'kube-apiserver:v1.36.3',
  'kube-controller-manager:v1.36.3',
  'kube-scheduler:v1.36.3',
  'kube-proxy:v1.36.3',
  'verify:1',
]
const ids = new Map<string, string>()
let behind: Registry
/** Authorization headers that the registry behind was shown. */
const behindSaw: string[] = []
/** Authorization headers that the store of blobs was shown. */
const shownLogins: string[] = []

function stockWith(name: string, form: LayerForm = 'gzip'): void {
  const made = arches.map((arch) => madeImage(`${name} for ${arch}`, arch, form))
  for (const [i, arch] of arches.entries()) ids.set(`${name} ${arch}`, made[i]?.id ?? '')
  const index = indexOf(made, form === 'zstd' ? 'oci' : 'docker')
  stock.set(name, index)
  for (const [digest, data] of index.blobs) blobs.pages.set(`/blobs/${digest}?permit=yes`, blobPage(data))
}

const blobPage =
  (data: Buffer): Page =>
  (request, response) => {
    if (request.headers.authorization) shownLogins.push(request.headers.authorization)
    response.writeHead(200, { 'content-length': data.length }).end(data)
  }

beforeAll(async () => {
  scratch = mkdtempSync(join(tmpdir(), 'ks-create-'))
  vi.stubEnv('HOME', join(scratch, 'home'))
  expect(homedir()).toBe(join(scratch, 'home'))
  site = await startReleaseSite(join(scratch, 'site'))
  blobs = await startReleaseSite(join(scratch, 'blobs'))
  registry = await startRegistry(join(scratch, 'registry'), '127.0.0.1', login, stock, options)
  behind = await startRegistry(join(scratch, 'behind'), '127.0.0.1', undefined, stock, {
    tokens: true,
    instead: ({ headers }) => {
      if (headers.authorization) behindSaw.push(headers.authorization)
      return false
    },
  })
  // certificate authorities of a mirror, and of where it leads to
  const authorities = [registry.caFile, behind.caFile, blobs.caFile]
  writeFileSync(join(scratch, 'ca.pem'), authorities.map((file) => readFileSync(file, 'utf8')).join(''))
})
afterAll(async () => {
  vi.unstubAllEnvs()
  await registry.close()
  await behind.close()
  await blobs.close()
  await site.close()
  rmSync(scratch, { recursive: true })
})
beforeEach(() => {
  directory = join(mkdtempSync(join(scratch, 'run-')), 'bundle')
  stock.clear()
  options.tokens = true
  delete options.instead
  shownLogins.length = 0
  site.asked.length = 0
  for (const [i, name] of images.entries()) stockWith(name, i === 1 ? 'zstd' : i === 2 ? 'plain' : 'gzip')
  for (const tag of ['etcd:3.6.8-0', 'coredns:v1.14.2', 'pause:3.10.2']) stockWith(tag)
  for (const arch of arches)
    for (const name of programs) {
      const path = pathOf(name, arch)
      site.pages.set(path, programOf(name, arch))
      site.pages.set(`${path}.sha256`, sha256(programOf(name, arch)))
    }
})
afterEach(() => {
  // nothing half-written is where the bundle would be
  if (existsSync(directory)) expect(existsSync(join(directory, 'bundle.json'))).toBe(true)
})

const programOf = (name: string, arch: string): string => `${name} for ${arch}\n`.repeat(5000)
const pathOf = (name: string, arch: string): string => `/release/v${version}/bin/linux/${arch}/${name}`

async function create(
  given: { arches?: BundleArch[]; replace?: boolean; idleMs?: number; edit?: (text: string) => string } = {},
) {
  const host = registry.url.slice('https://'.length)
  const text = `kubernetes: { version: "${version}", imageRepository: registry.example.com }
runtime: containerd
network: bridge
etcd: { imageTag: 3.6.8-0 }
dns: { imageTag: v1.14.2 }
verify: { image: registry.example.com/verify:1 }
sources: { mirrors: { kubernetes: "${site.url}" }, caCertificate: ${site.caFile} }
registries:
  registry.example.com: { mirrors: ["${registry.url}"], fallback: false }
  "${host}": { caFile: ${join(scratch, 'ca.pem')}, auth: { username: robot, password: "env:REGISTRY_WORD" } }
hosts:
  cp1: { address: 192.0.2.1, roles: [control-plane] }
`
  vi.stubEnv('REGISTRY_WORD', 's3cret word')
  const file = join(directory, '..', 'inventory.yaml')
  writeFileSync(file, (given.edit ?? ((same) => same))(text))
  const spec = await loadInventory(file, homedir(), known, 'look')
  const said: string[] = []
  const outcome = await createBundle(spec, {
    directory,
    arches: given.arches ?? ['amd64'],
    replace: given.replace ?? false,
    say: (line) => said.push(line),
    idleMs: given.idleMs ?? 20_000,
  })
  return { outcome, said, bundle: await openBundle(directory) }
}

async function failure(given: Parameters<typeof create>[0] = {}): Promise<UserError> {
  const error = await create(given).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof UserError)) throw error ?? new Error('it succeeded')
  expect(existsSync(directory)).toBe(false)
  expect(`${error.message} ${error.why} ${error.next}`).not.toContain('s3cret')
  return error
}

const blobOf = (name: string): string => {
  const [digest = ''] =
    [...(stock.get(name)?.blobs.entries() ?? [])].find(([, data]) => data[0] === 0x1f) ?? []
  return digest
}

describe('a bundle that is created', () => {
  it('has programs and images of each architecture, is whole, and is the same the next time', async () => {
    const { outcome, bundle } = await create({ arches })
    expect(outcome).toBe('created')
    await verifyBundle(bundle)
    expect(await checkContents(bundle)).toEqual([])
    for (const arch of arches) {
      for (const name of programs) {
        const entry = bundle.binary(name, arch)
        expect(gunzipSync(readFileSync(bundle.path(entry))).toString()).toBe(programOf(name, arch))
      }
      expect(bundle.imagesFor('control-plane', arch).map(({ reference }) => reference)).toEqual([
        'registry.example.com/kube-apiserver:v1.36.3',
        'registry.example.com/kube-controller-manager:v1.36.3',
        'registry.example.com/kube-scheduler:v1.36.3',
        'registry.example.com/etcd:3.6.8-0',
      ])
      expect(bundle.imagesFor('node', arch).map(({ reference }) => reference)).toEqual([
        'registry.example.com/kube-proxy:v1.36.3',
        'registry.example.com/pause:3.10.2',
        'registry.example.com/coredns:v1.14.2',
      ])
      expect(bundle.imagesFor('verify', arch)).toMatchObject([{ id: ids.get(`verify:1 ${arch}`) }])
      for (const { reference, id } of bundle.manifest.images.filter((image) => image.arch === arch))
        expect(id).toBe(ids.get(`${reference.replace('registry.example.com/', '')} ${arch}`))
    }
    expect(readdirSync(join(directory, '..')).sort()).toEqual(['bundle', 'inventory.yaml'])

    const before = statSync(join(directory, 'bundle.json')).mtimeMs
    const again = await create({ arches })
    expect(again.outcome).toBe('exists')
    expect(statSync(join(directory, 'bundle.json')).mtimeMs).toBe(before)

    rmSync(directory, { recursive: true })
    expect((await create({ arches })).bundle.sha256).toBe(bundle.sha256)
  })

  it('shows the login to the registry and its tokens alone, not to where the blobs lie', async () => {
    await create()
    expect(registry.turnedAway()).toBeGreaterThan(0)
    expect(blobs.asked.length).toBeGreaterThan(0)
    expect(shownLogins).toEqual([])
    expect(registry.asked).toContain('GET /token?service=a+registry&scope=repository:verify:pull')
    expect(registry.asked.some((line) => line.includes('?ns=registry.example.com'))).toBe(true)
  })

  it('is pulled from a registry that another one redirects to, which asks for tokens of its own', async () => {
    // as registry.k8s.io does: without what the first one is shown
    options.tokens = false
    options.instead = (request, response) => {
      if (!request.headers.authorization) return false
      response.writeHead(307, { location: `${behind.url}${request.url}` }).end()
      return true
    }
    const before = behind.turnedAway()
    expect((await create()).outcome).toBe('created')
    expect(behind.turnedAway()).toBeGreaterThan(before)
    expect(behind.asked.some((line) => line.startsWith('GET /token?'))).toBe(true)
    expect(behindSaw.filter((header) => header.startsWith('Basic'))).toEqual([])
  })

  it('has the etcd of separate hosts, out of its release', async () => {
    const inside = join(scratch, 'etcd', 'etcd-v3.6.8-linux-amd64')
    mkdirSync(inside, { recursive: true })
    for (const name of ['etcd', 'etcdctl']) writeFileSync(join(inside, name), `${name} itself`)
    const archive = join(scratch, 'etcd.tar.gz')
    execFileSync('tar', ['-czf', archive, '-C', join(scratch, 'etcd'), '.'])
    const release = '/etcd-io/etcd/releases/download/v3.6.8'
    const file = 'etcd-v3.6.8-linux-amd64.tar.gz'
    site.pages.set(`${release}/${file}`, readFileSync(archive))
    site.pages.set(`${release}/SHA256SUMS`, `${sha256(readFileSync(archive))}  ${file}\n`)
    const edit = (text: string): string =>
      `${text.replace('etcd: { imageTag: 3.6.8-0 }', 'etcd: { install: bundle }').replace('mirrors: { kubernetes', `versions: { etcd: 3.6.8 }, mirrors: { github: "${site.url}", kubernetes`)}  e1: { address: 192.0.2.2, roles: [etcd] }
binaries: { bundle: ./bundle }
`
    const { bundle } = await create({ edit })
    for (const name of ['etcd', 'etcdctl'])
      expect(gunzipSync(readFileSync(bundle.path(bundle.binary(name, 'amd64')))).toString()).toBe(
        `${name} itself`,
      )
    expect(bundle.manifest.images.some(({ reference }) => reference.includes('etcd'))).toBe(false)
    expect((await create({ edit })).outcome).toBe('exists')
    expect(site.asked.filter((path) => path.endsWith(file))).toHaveLength(1)
  })

  it('is downloaded through the proxy of the environment', async (test) => {
    const proxy = await startConnectProxy()
    vi.stubEnv('https_proxy', proxy.url)
    test.onTestFinished(async () => {
      vi.stubEnv('https_proxy', '')
      await proxy.close()
    })
    const { outcome, bundle } = await create()
    expect(outcome).toBe('created')
    await verifyBundle(bundle)
    // no connection is left behind
    await expect.poll(() => proxy.open()).toBe(0)
    for (const { url } of [registry, blobs, site])
      expect(proxy.asked.some((line) => line.includes(new URL(url).host))).toBe(true)
  })

  it('is created with a plain login too', async () => {
    options.tokens = false
    expect((await create()).outcome).toBe('created')
    expect(shownLogins).toEqual([])
  })

  it('with a file that is another is told, and made anew with --replace', async () => {
    const { bundle } = await create()
    const file = bundle.path(bundle.binary('kubelet', 'amd64'))
    truncateSync(file, 10)
    await expect(create()).rejects.toMatchObject({
      kind: 'usage',
      message: `${directory} has a bundle with other contents`,
      why: 'files of it are not what bundle.json says',
    })
    expect(statSync(file).size).toBe(10)
    writeFileSync(join(directory, 'notes'), 'mine')
    await expect(create({ replace: true })).rejects.toMatchObject({ kind: 'usage', why: 'notes' })
    rmSync(join(directory, 'notes'))
    await verifyBundle((await create({ replace: true })).bundle)
  })

  it('goes to no directory that has something else', async () => {
    mkdirSync(directory)
    writeFileSync(join(directory, 'thesis.txt'), 'years')
    await expect(create()).rejects.toMatchObject({ kind: 'usage', why: 'thesis.txt' })
    rmSync(directory, { recursive: true })
  })
})

describe('what cannot be downloaded is told, and leaves no bundle', () => {
  it('images that do not exist, all of them', async () => {
    stock.delete('kube-proxy:v1.36.3')
    stock.delete('verify:1')
    const error = await failure()
    expect(error.kind).toBe('inventory')
    expect(error.why).toMatch(/registry\.example\.com\/kube-proxy:v1\.36\.3 was not found/)
    expect(error.why).toMatch(
      /registry\.example\.com\/verify:1 was not found \(verification: verify\.image\)/,
    )
    expect(error.why).toMatch(/answers 404/)
  })

  it('a release that does not exist', async () => {
    site.pages.delete(`${pathOf('kubelet', 'amd64')}.sha256`)
    rmSync(join(homedir(), '.cache'), { recursive: true, force: true })
    expect(await failure()).toMatchObject({ kind: 'inventory' })
  })

  it('an architecture that an image does not have', async () => {
    stock.set('verify:1', indexOf([madeImage('verify', 'amd64')], 'docker'))
    expect(await failure({ arches })).toMatchObject({
      kind: 'inventory',
      message: expect.stringContaining('there is no registry.example.com/verify:1 for arm64'),
      why: 'it is there for amd64',
    })
  })

  it('a login that is refused', async () => {
    const error = await failure({ edit: (text) => text.replace('robot', 'somebody') })
    expect(error.kind).toBe('connection')
    expect(error.why).toMatch(/cannot get a token for kube-proxy of 127\.0\.0\.1:\d+: .*answers 401/)
  })

  it('a registry whose certificate nobody knows', async () => {
    const error = await failure({ edit: (text) => text.replace(/caFile: [^,]*, /, '') })
    expect(error).toMatchObject({
      kind: 'connection',
      why: expect.stringContaining('self-signed certificate'),
    })
    expect(error.next).toContain('caFile')
  })

  it('a registry that hangs', async () => {
    options.instead = () => true
    expect(await failure({ idleMs: 1_000 })).toMatchObject({
      kind: 'connection',
      why: expect.stringContaining('no answer within 1 s'),
    })
  })

  it('a blob that stands still', async () => {
    blobs.pages.set(`/blobs/${blobOf('verify:1')}?permit=yes`, (_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('x')
    })
    const error = await failure({ idleMs: 5_000 })
    expect(error).toMatchObject({
      kind: 'connection',
      why: expect.stringContaining('bytes a second for 5 s'),
    })
  })

  it('a blob that is another', async () => {
    const digest = blobOf('verify:1')
    const size = stock.get('verify:1')?.blobs.get(digest)?.length ?? 0
    blobs.pages.set(`/blobs/${digest}?permit=yes`, 'e'.repeat(size))
    const error = await failure()
    expect(error.kind).toBe('preflight')
    expect(error.why).toMatch(/^its SHA-256 is [0-9a-f]{64}, expected /)
  })

  it('a blob that is longer', async () => {
    blobs.pages.set(`/blobs/${blobOf('verify:1')}?permit=yes`, 'e'.repeat(100_000))
    expect(await failure()).toMatchObject({ kind: 'preflight', why: expect.stringContaining('more than') })
  })

  it('a manifest that is another than its index says', async () => {
    options.instead = (request, response) => {
      if (!/verify\/manifests\/sha256:/.test(request.url ?? '') || !request.headers.authorization)
        return false
      response.writeHead(200).end('{}')
      return true
    }
    expect(await failure()).toMatchObject({
      kind: 'preflight',
      why: expect.stringMatching(/the digest of its manifest is sha256:[0-9a-f]+, expected sha256:/),
    })
  })

  it('a layer that is another when it is unpacked', async () => {
    const image = madeImage('verify', 'amd64', 'gzip', { diffId: `sha256:${'0'.repeat(64)}` })
    stock.set('verify:1', image)
    for (const [digest, data] of image.blobs) blobs.pages.set(`/blobs/${digest}?permit=yes`, blobPage(data))
    expect(await failure()).toMatchObject({
      kind: 'preflight',
      why: expect.stringMatching(/layer 1 unpacked has digest sha256:[0-9a-f]+, expected sha256:000/),
    })
  })

  it('a program that is another', async () => {
    site.pages.set(pathOf('kubeadm', 'amd64'), 'evil')
    expect(await failure()).toMatchObject({
      kind: 'preflight',
      message: 'kubeadm for amd64 cannot be trusted',
    })
  })

  it('a program that is cut, each time', async () => {
    site.pages.set(pathOf('kubeadm', 'amd64'), cut(programOf('kubeadm', 'amd64')))
    const error = await failure()
    expect(error).toMatchObject({ kind: 'connection', message: 'cannot download kubeadm for amd64' })
    expect(
      readdirSync(join(`${directory}.part`, 'downloads')).filter((name) => name.endsWith('.tmp')),
    ).toEqual([])
  })

  it('a bundle that an interrupted process was at work on is gone on with', async () => {
    site.pages.set(pathOf('kubeadm', 'amd64'), 'evil')
    await failure()
    const kept = readdirSync(join(`${directory}.part`, 'downloads'))
    expect(kept.length).toBeGreaterThan(0)
    // one of them was damaged since
    writeFileSync(join(`${directory}.part`, 'downloads', kept[0] ?? ''), 'damaged')
    writeFileSync(join(`${directory}.part`, 'lock'), '99999999')
    site.pages.set(pathOf('kubeadm', 'amd64'), programOf('kubeadm', 'amd64'))
    const { bundle } = await create()
    await verifyBundle(bundle)
    expect(await checkContents(bundle)).toEqual([])
  })

  it('another run at work', async () => {
    mkdirSync(`${directory}.part`)
    writeFileSync(join(`${directory}.part`, 'lock'), String(process.ppid))
    expect(await failure()).toMatchObject({ kind: 'usage', why: expect.stringContaining(`${process.ppid}`) })
  })

  it.skipIf(process.getuid?.() !== 0)('a full disk', async (test) => {
    const small = join(directory, '..', 'small')
    mkdirSync(small)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', small], { stdio: 'ignore' })
    } catch {
      test.skip('no file system can be mounted here')
    }
    const outside = directory
    try {
      writeFileSync(join(small, 'inventory.yaml'), '')
      directory = join(small, 'bundle')
      expect(await failure()).toMatchObject({
        kind: 'step',
        why: expect.stringContaining('ENOSPC'),
        next: expect.stringContaining('free disk space'),
      })
    } finally {
      directory = outside
      execFileSync('umount', [small])
    }
  })
})

describe('a download that is cut', () => {
  /** Serves the rest from where it is asked, and closes the connection after `most` bytes. */
  const stingy =
    (body: string, most: number, ranges: string[]): Page =>
    (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0)
      ranges.push(request.headers.range ?? '')
      const rest = body.slice(from)
      response.writeHead(from > 0 ? 206 : 200, {
        'content-length': rest.length,
        ...(from > 0 ? { 'content-range': `bytes ${from}-${body.length - 1}/${body.length}` } : {}),
      })
      if (rest.length <= most) response.end(rest)
      else response.write(rest.slice(0, most), () => setTimeout(() => response.destroy(), 50))
    }

  it('is gone on with', async () => {
    const ranges: string[] = []
    const body = programOf('kubeadm', 'amd64')
    site.pages.set(pathOf('kubeadm', 'amd64'), stingy(body, Math.ceil(body.length / 2), ranges))
    const { bundle } = await create()
    expect(ranges).toEqual(['', `bytes=${Math.ceil(body.length / 2)}-`])
    expect(bundle.binary('kubeadm', 'amd64').sha256).toBe(sha256(body))
  })

  it.each([
    ['an answer', () => undefined],
    [
      'a byte of it',
      (response: ServerResponse, length: number) =>
        response.writeHead(200, { 'content-length': length }).flushHeaders(),
    ],
  ])('before there is %s is asked for again, with an end', async (_, begin) => {
    const body = programOf('kubeadm', 'amd64')
    let lost = 0
    const losing =
      (most: number): Page =>
      (_request, response) => {
        if (lost >= most) return void response.end(body)
        lost += 1
        begin(response, body.length)
        setTimeout(() => response.destroy(), 20)
      }
    site.pages.set(pathOf('kubeadm', 'amd64'), losing(2))
    const { bundle } = await create()
    expect(bundle.binary('kubeadm', 'amd64').sha256).toBe(sha256(body))
    expect(lost).toBe(2)
    rmSync(directory, { recursive: true })
    lost = 0
    site.pages.set(pathOf('kubeadm', 'amd64'), losing(1000))
    expect(await failure()).toMatchObject({
      kind: 'connection',
      message: 'cannot download kubeadm for amd64',
    })
    expect(lost).toBeLessThanOrEqual(12)
  })

  it('is a digest, or a manifest, that is asked for again', async () => {
    const path = `${pathOf('kubeadm', 'amd64')}.sha256`
    const page = String(site.pages.get(path))
    const lost = { digest: 0, manifest: 0 }
    rmSync(join(homedir(), '.cache'), { recursive: true, force: true })
    site.pages.set(path, (_request, response) => {
      lost.digest += 1
      if (lost.digest === 1) response.destroy()
      else response.end(page)
    })
    options.instead = (request, response) => {
      if (lost.manifest > 0 || !request.url?.includes('/manifests/')) return false
      lost.manifest += 1
      response.destroy()
      return true
    }
    await create()
    expect(lost).toEqual({ digest: 2, manifest: 1 })
  })
})

describe('a digest that was kept, and is wrong,', () => {
  const path = pathOf('kubeadm', 'amd64')
  const keepWrong = async (): Promise<void> => {
    rmSync(join(homedir(), '.cache'), { recursive: true, force: true })
    site.pages.set(`${path}.sha256`, sha256('another kubeadm'))
    await failure()
  }

  afterAll(() => {
    rmSync(join(homedir(), '.cache'), { recursive: true, force: true })
    site.pages.set(`${path}.sha256`, sha256(programOf('kubeadm', 'amd64')))
  })

  it('stays where another one is published by now, until the operator deletes its file', async () => {
    rmSync(join(homedir(), '.cache'), { recursive: true, force: true })
    site.pages.set(`${path}.sha256`, sha256('another kubeadm'))
    site.pages.set(path, (_request, response) => {
      // in the meantime it is put right
      site.pages.set(`${path}.sha256`, sha256(programOf('kubeadm', 'amd64')))
      response.end(programOf('kubeadm', 'amd64'))
    })
    const told =
      /^another digest of kubeadm for amd64 is published by now \([0-9a-f]{64}\) than the one kept in (\/\S*\.cache\/kubestrap\/digests\/[0-9a-f]{64}) \([0-9a-f]{64}\), but a release never changes: .*; nothing of it was kept$/
    const first = await failure()
    expect(first).toMatchObject({ kind: 'preflight', next: expect.stringMatching(told) })
    const second = await failure()
    expect(second.next).toBe(first.next)
    rmSync(told.exec(first.next ?? '')?.[1] ?? '')
    const { bundle } = await create()
    expect(bundle.binary('kubeadm', 'amd64').sha256).toBe(sha256(programOf('kubeadm', 'amd64')))
  })

  it('stays where it is the same again, and the mirror is named as the cause', async () => {
    await keepWrong()
    const kept = readdirSync(join(homedir(), '.cache/kubestrap/digests'))
    const error = await failure()
    expect(error.next).toMatch(
      /^a proxy, or a mirror, gives another kubeadm for amd64 than the published one: its digest was fetched again, and is the same; /,
    )
    expect(readdirSync(join(homedir(), '.cache/kubestrap/digests'))).toEqual(kept)
  })
})

describe('the command line', () => {
  const inventoryFile = (): string => join(directory, '..', 'inventory.yaml')
  const kubestrap = (...args: string[]) => {
    const child = spawn(process.execPath, ['bin/kubestrap.js', 'bundle', ...args], {
      env: { ...process.env, HOME: homedir(), REGISTRY_WORD: 's3cret word' },
    })
    const told = { out: '', err: '' }
    child.stdout.on('data', (chunk) => {
      told.out += chunk
    })
    child.stderr.on('data', (chunk) => {
      told.err += chunk
    })
    const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) =>
      child.once('close', (code) => resolve({ code, ...told })),
    )
    return { child, told, ended }
  }

  it('tells what to write, and what is wrong with a bundle, file by file', async () => {
    const { bundle } = await create({ arches })
    rmSync(directory, { recursive: true })
    const made = await kubestrap('create', '-i', inventoryFile(), '--arch', 'amd64,arm64').ended
    expect(made.code, made.err).toBe(0)
    expect(made.out).toContain(`binaries:\n  bundle: "./bundle"\n  sha256: "${bundle.sha256}"\n`)
    expect((await kubestrap('verify', directory).ended).code).toBe(0)
    const shown = await kubestrap('show', directory, '-o', 'json').ended
    expect(JSON.parse(shown.out)).toMatchObject({
      sha256: bundle.sha256,
      kubernetesVersion: version,
      architectures: arches,
      programs: expect.arrayContaining([expect.objectContaining({ name: 'kubelet', arch: 'arm64' })]),
    })
    const plain = await kubestrap('show', directory).ended
    expect(plain.out).toMatch(/kubelet +1\.36\.3 +amd64 +\S+ MiB/)

    const [first, second] = bundle.manifest.images
    truncateSync(bundle.path(first ?? { file: '' }), 5)
    rmSync(bundle.path(second ?? { file: '' }))
    const wrong = await kubestrap('verify', directory).ended
    expect(wrong.code).toBe(4)
    expect(wrong.err).toContain(`${first?.file}: 5 bytes, expected`)
    expect(wrong.err).toContain(`${second?.file}: not found`)
  })

  it('interrupted by Ctrl-C leaves no bundle', async () => {
    const { bundle } = await create()
    rmSync(directory, { recursive: true })
    const digest = blobOf('verify:1')
    let asked = false
    blobs.pages.set(`/blobs/${digest}?permit=yes`, () => {
      asked = true
    })
    const { child, ended } = kubestrap('create', '-i', inventoryFile())
    await expect.poll(() => asked, { timeout: 30_000 }).toBe(true)
    child.kill('SIGINT')
    const { code, err } = await ended
    expect(code).toBe(130)
    expect(err).toContain('Interrupted')
    expect(existsSync(directory)).toBe(false)
    const [, data] = [...(stock.get('verify:1')?.blobs ?? [])].find(([one]) => one === digest) ?? []
    blobs.pages.set(`/blobs/${digest}?permit=yes`, blobPage(data ?? Buffer.alloc(0)))
    expect((await create()).bundle.sha256).toBe(bundle.sha256)
  })

  it.each([
    [['--arch', 'mips'], 2, 'mips is not known'],
    [['--arch', 'amd64,'], 2, 'a name is missing'],
  ])('refuses %j', async (args, code, words) => {
    await create()
    const ran = await kubestrap('create', '-i', inventoryFile(), ...args).ended
    expect(ran.code).toBe(code)
    expect(ran.err).toContain(words)
  })
})
