import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import pLimit from 'p-limit'
import type { BundleBinary, BundleImage, BundleManifest } from '../../bundle/manifest.js'
import { pullImage } from '../../bundle/registry/pull-image.js'
import { packProgram, stored } from '../../bundle/write-bundle.js'
import { UserError } from '../../lib/errors.js'
import { downloadRelease } from './download-release.js'
import type { BundleContents, WantedImage, WantedProgram } from './resolve-contents.js'

export interface DownloadOptions {
  /** Where whole downloads are kept by digest. */
  downloads: string
  /** Where the bundle's files go. */
  into: string
  ca: string | undefined
  idleMs: number
  signal: AbortSignal
  say(line: string): void
}

/** Downloads at once: more share one line, and each is compressed on this computer. */
const atOnce = 4

/** Downloads all of it into files of a bundle. Throws the first error; what else is under way ends with it. */
export async function downloadContents(
  contents: BundleContents,
  options: DownloadOptions,
): Promise<Pick<BundleManifest, 'binaries' | 'images'>> {
  const turns = pLimit(atOnce)
  const ended = new AbortController()
  const until = { ...options, signal: AbortSignal.any([options.signal, ended.signal]) }
  const names = new Set<string>()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> =>
    turns(async () => {
      until.signal.throwIfAborted()
      return work()
    }).catch((error: unknown) => {
      ended.abort(error)
      throw error
    })
  const images = contents.images.map((wanted) => {
    const file = fileOf(wanted, names)
    return inTurn(() => oneImage(wanted, file, until))
  })
  const programs = contents.programs.map((wanted) => inTurn(() => oneProgram(wanted, until)))
  await Promise.allSettled([...images, ...programs])
  // of several the first
  if (ended.signal.aborted) throw ended.signal.reason
  return { binaries: await Promise.all(programs), images: await Promise.all(images) }
}

async function oneProgram(
  { name, arch, sha256, from }: WantedProgram,
  { downloads, into, ca, idleMs, signal, say }: DownloadOptions,
): Promise<BundleBinary> {
  const what = `${name} for ${arch}`
  const path = 'path' in from ? from.path : join(downloads, sha256)
  if ('url' in from)
    await downloadRelease({ what, sha256, path, site: 'kubernetes', doubt: from.doubt }, from.url, {
      ca,
      idleMs,
      signal,
    })
  if ('packed' in from)
    await pipeline(createReadStream(from.packed), createGunzip(), createWriteStream(path), { signal })
  const packed = await packProgram(into, { name, arch, path, file: `bin/${arch}/${name}.gz` })
  if (packed.sha256 !== sha256)
    throw new UserError('preflight', `${path} changed while it was read`, { next: 'run again' })
  say(`${what}: ${mebibytes(packed.fileSize)}`)
  return packed
}

async function oneImage(
  { needs, image }: WantedImage,
  file: string,
  { downloads, into, say, signal }: DownloadOptions,
): Promise<BundleImage> {
  signal.throwIfAborted()
  const { reference, arch, config } = image
  const path = join(into, file)
  await mkdir(join(path, '..'), { recursive: true })
  const scratch = await mkdtemp(join(downloads, 'unpacked-'))
  try {
    await pullImage(image, { downloads, scratch, file: path, signal })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const lies = await stored(path)
  say(`${reference} for ${arch}: ${mebibytes(lies.fileSize)}`)
  return { reference, arch, file, ...lies, id: config.digest, needs }
}

/** "images/amd64/registry.k8s.io_pause_3.10.tar.gz"; no two the same. */
function fileOf({ image: { reference, arch } }: WantedImage, names: Set<string>): string {
  const name = `images/${arch}/${reference.replaceAll(/[/:]/g, '_')}`
  let free = name
  for (let n = 2; names.has(free); n += 1) free = `${name}-${n}`
  names.add(free)
  return `${free}.tar.gz`
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 / 1024).toFixed(1)} MiB`
