import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pLimit from 'p-limit'
import { programArch } from '../../bundle/elf.js'
import { openEtcdRelease, type ReleasedProgram } from '../../bundle/etcd-release.js'
import type { BundleArch, BundleImage } from '../../bundle/manifest.js'
import { parseReference } from '../../bundle/registry/reference.js'
import { RegistryClient } from '../../bundle/registry/registry-client.js'
import { type ResolvedImage, resolveImage } from '../../bundle/registry/resolve-image.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { fileDigest } from '../../lib/file-digest.js'
import type { Registry } from '../../runtimes/registry.js'
import { Digests } from '../../sources/digests.js'
import type { Doubt } from '../../sources/doubt.js'
import { kubernetesDownloads } from '../../sources/downloads.js'
import { projectReleases } from '../../sources/project-releases.js'
import { basesOf, cacheOf } from '../session/programs.js'
import type { BundleWish } from './bundle-wish.js'
import { downloadRelease } from './download-release.js'
import { imageServers } from './image-servers.js'

/** A program of the bundle, by its digest: at a URL, or a local file. */
export interface WantedProgram {
  name: string
  arch: BundleArch
  sha256: string
  /** packed: a local file, gzip-compressed. */
  from: { url: string; doubt?: Doubt | undefined } | { path: string } | { packed: string }
}

export interface WantedImage {
  needs: BundleImage['needs']
  image: ResolvedImage
}

/** What will be in a bundle, by digests; nothing large was downloaded for it but releases of etcd, which are archives. */
export interface BundleContents {
  programs: readonly WantedProgram[]
  images: readonly WantedImage[]
}

export interface ResolveOptions {
  arches: readonly BundleArch[]
  /** PEM of the certificate authority of mirrors of releases. */
  ca: string | undefined
  registries: readonly Registry[]
  idleMs: number
  signal: AbortSignal | undefined
}

/** Questions to registries at once. */
const atOnce = 4

/** Finds digests of everything, at once. Throws one UserError that tells of all that could not be found. */
export async function resolveContents(
  spec: ClusterSpec,
  wish: BundleWish,
  options: ResolveOptions,
): Promise<BundleContents> {
  const { arches, registries } = options
  const clients = new Map<string, RegistryClient>()
  const clientsOf = (reference: string): RegistryClient[] => {
    const { registry, repository } = parseReference(reference)
    return imageServers(registry, registries).map((server) => {
      const key = `${server.base} ${repository} ${server.mirrorOf ?? ''}`
      const client = clients.get(key) ?? new RegistryClient(server, repository, options)
      clients.set(key, client)
      return client
    })
  }
  const turns = pLimit(atOnce)
  const images = arches.flatMap((arch) =>
    wish.images.map(({ reference, needs, by, key }) =>
      turns(async (): Promise<WantedImage> => {
        try {
          const parsed = parseReference(reference)
          return { needs, image: await resolveImage(reference, parsed, arch, clientsOf(reference)) }
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          throw new UserError(error.kind, `${error.message} (${by}: ${key})`, {
            ...(error.why === undefined ? {} : { why: error.why }),
            ...(error.next === undefined ? {} : { next: error.next }),
            cause: error,
          })
        }
      }),
    ),
  )
  const [programs, found] = await Promise.all([
    settled([released(spec, wish, options), etcdPrograms(spec, wish, options), localFiles(wish, arches)]),
    settled(images),
  ])
  const errors = [...programs.errors, ...found.errors]
  if (errors.length > 0) throw together(errors)
  return { programs: programs.values.flat(), images: found.values }
}

async function released(
  spec: ClusterSpec,
  { programs }: BundleWish,
  { arches, ca, signal }: ResolveOptions,
): Promise<WantedProgram[]> {
  const downloads = await kubernetesDownloads(
    { version: spec.version, at: spec.at('kubernetes.version'), names: programs, arches },
    basesOf(spec),
    new Digests(cacheOf('digests'), { ca, signal }),
    { ca },
  )
  return arches.flatMap((arch) =>
    programs.map((name) => {
      const found = downloads.get(`${arch}/${name}`)
      if (found?.origin.kind !== 'url' || found.sha256 === undefined)
        throw new Error(`no source of ${name} for ${arch}`)
      return { name, arch, sha256: found.sha256, from: { url: found.origin.url, doubt: found.origin.doubt } }
    }),
  )
}

/** Of etcd the digest of an archive is published: the archive is downloaded, and its programs kept for the next run. */
async function etcdPrograms(
  spec: ClusterSpec,
  { etcd }: BundleWish,
  { arches, ca, idleMs, signal }: ResolveOptions,
): Promise<WantedProgram[]> {
  if (etcd === undefined) return []
  const digests = new Digests(cacheOf('digests'), { ca, signal })
  const wish = { project: 'etcd' as const, version: etcd, arches }
  const found = await projectReleases([wish], basesOf(spec), digests, { ca })
  const programs = arches.map(async (arch): Promise<WantedProgram[]> => {
    const { url, sha256, doubt } = found.etcd?.get(etcd)?.get(arch) ?? {}
    if (url === undefined || sha256 === undefined) throw new Error(`no source of etcd for ${arch}`)
    const file = join(cacheOf('etcd'), `${sha256}.tar.gz`)
    const open = (): Promise<readonly ReleasedProgram[]> => openEtcdRelease(file, sha256, cacheOf('etcd'))
    const release = await open().catch(async () => {
      const wanted = { what: `etcd ${etcd} for ${arch}`, sha256, path: file, site: 'github' as const, doubt }
      await downloadRelease(wanted, url, { ca, idleMs, signal })
      return open().finally(() => rm(file, { force: true }))
    })
    return release.map(({ name, source, ...one }) => ({
      name,
      arch,
      sha256: one.sha256,
      from: { packed: source },
    }))
  })
  return (await Promise.all(programs)).flat()
}

async function localFiles({ files }: BundleWish, arches: readonly BundleArch[]): Promise<WantedProgram[]> {
  const found = files.map(async ({ name, path, at }): Promise<WantedProgram> => {
    const arch = await programArch(path, name, at)
    const other = arches.find((one) => one !== arch)
    if (other !== undefined)
      throw new UserError('inventory', `there is no ${name} for ${other}`, {
        why: `${path} is for ${arch} (${at})`,
        next: `leave the architecture out (--arch ${arch}), or use runtime: containerd`,
      })
    return { name, arch, sha256: await fileDigest(path), from: { path } }
  })
  return Promise.all(found)
}

async function settled<T>(
  works: readonly Promise<T>[],
): Promise<{ values: readonly T[]; errors: readonly unknown[] }> {
  const results = await Promise.allSettled(works)
  return {
    values: results.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])),
    errors: results.flatMap((one) => (one.status === 'rejected' ? [one.reason] : [])),
  }
}

/** One error of several: the first, with what else was wrong. */
function together(errors: readonly unknown[]): unknown {
  const bug = errors.find((error) => !(error instanceof UserError))
  const told = errors.filter((error) => error instanceof UserError)
  const different = [...new Map(told.map((error) => [`${error.kind} ${error.message}`, error])).values()]
  const [first, ...others] = different
  if (bug !== undefined || !first || others.length === 0) return bug ?? first
  // a server out of reach is the same for every image
  const reasons = [...new Set(different.map(({ why = '' }) => why))]
  const words = reasons.flatMap((why) => [
    ...different.filter((error) => (error.why ?? '') === why).map(({ message }) => message),
    ...(why === '' ? [] : [why.replace(/^/gm, '  ')]),
  ])
  const kinds = different.map(({ kind }) => kind)
  const kind =
    kinds.find((one) => one === 'preflight') ?? (kinds.includes('connection') ? 'connection' : first.kind)
  return new UserError(kind, `${different.length} things for the bundle were not found`, {
    why: words.join('\n'),
    ...(first.next === undefined ? {} : { next: first.next }),
    cause: first,
  })
}
