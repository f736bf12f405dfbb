import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../../lib/errors.js'
import { downloadFile, isOfFiles } from '../../sources/download-file.js'
import { wordsOf } from '../../sources/open-stream.js'
import { writeDockerArchive } from '../docker-archive.js'
import { NotThere } from './registry-client.js'
import { type Descriptor, noArch, type ResolvedImage, untrusted } from './resolve-image.js'
import { unpackLayer } from './unpacked-layer.js'

const configBytes = 8 * 1024 * 1024
/** Of one layer as it travels, and of all unpacked: the largest images of Kubernetes have a tenth of it. */
const layerBytes = 4 * 1024 ** 3
const unpackedBytes = 16 * 1024 ** 3

const configSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string().regex(/^sha256:[0-9a-f]{64}$/)) }),
})

export interface PullPlaces {
  /** Where blobs are kept by digest, for a run that comes back. */
  downloads: string
  /** A directory that exists, for what is unpacked. */
  scratch: string
  /** The archive. */
  file: string
  /** Nothing more is begun when it is aborted. */
  signal?: AbortSignal
}

/**
 * Pulls an image into a docker-archive. Every blob is held to the digest in the manifest, and every layer, unpacked, to the
 * one in the configuration. Throws UserError as `downloadFile`, 'preflight' for what does not fit together.
 */
export async function pullImage(
  image: ResolvedImage,
  { downloads, scratch, file, signal }: PullPlaces,
): Promise<void> {
  const { reference, client } = image
  const wrong = (why: string): UserError => untrusted(reference, why, client)
  const config = await readFile(await blob(image, image.config, configBytes, downloads))
  const diffIds = diffIdsIn(config, image)
  if (diffIds.length !== image.layers.length)
    throw wrong(`its configuration has ${diffIds.length} layers, its manifest ${image.layers.length}`)
  const layers: { diffId: string; file: string }[] = []
  let left = unpackedBytes
  try {
    for (const [i, layer] of image.layers.entries()) {
      signal?.throwIfAborted()
      if (/foreign|nondistributable/.test(layer.mediaType))
        throw wrong(`layer ${i + 1} is not in the registry (${layer.mediaType})`)
      const path = await blob(image, layer, layerBytes, downloads)
      const diffId = (diffIds[i] ?? '').replace(/^sha256:/, '')
      const unpacked = join(scratch, `${i}-${diffId}.tar`)
      layers.push({ diffId, file: unpacked })
      const found = await unpackLayer(path, unpacked, left).catch((error: unknown) => {
        if (isOfFiles(error)) throw error
        throw wrong(`layer ${layer.digest} cannot be unpacked: ${wordsOf(error)}`)
      })
      if (found.diffId !== diffIds[i])
        throw wrong(`layer ${i + 1} unpacked has digest ${found.diffId}, expected ${diffIds[i]}`)
      left -= found.size
    }
    const id = image.config.digest.replace(/^sha256:/, '')
    await writeDockerArchive({ reference: tagged(reference), config, id, layers }, file)
  } finally {
    await Promise.all(layers.map((layer) => rm(layer.file, { force: true })))
  }
}

/** As archives name it: always with a tag. */
export const tagged = (reference: string): string =>
  /:[^/]*$/.test(reference) ? reference : `${reference}:latest`

function diffIdsIn(config: Buffer, { reference, arch, client }: ResolvedImage): readonly string[] {
  let value: unknown
  try {
    value = JSON.parse(config.toString('utf8'))
  } catch {
    throw untrusted(reference, 'its configuration is not JSON', client)
  }
  const decoded = configSchema.safeParse(value)
  if (!decoded.success)
    throw untrusted(reference, 'what its manifest names is not the configuration of an image', client)
  const { os, architecture, rootfs } = decoded.data
  if (os !== 'linux' || architecture !== arch) throw noArch(reference, arch, [`${os}/${architecture}`])
  return rootfs.diff_ids
}

/** A blob by its digest, downloaded where it is not there yet. Returns its path. */
async function blob(
  { reference, arch, client }: ResolvedImage,
  { digest, size }: Descriptor,
  maxBytes: number,
  downloads: string,
): Promise<string> {
  const sha256 = digest.replace(/^sha256:/, '')
  const path = join(downloads, sha256)
  const what = `${reference} for ${arch} (blob ${digest.slice(0, 19)}…)`
  if (size > maxBytes) throw untrusted(reference, `blob ${digest} has ${size} bytes`, client)
  await downloadFile({
    what,
    sha256,
    size,
    maxBytes,
    path,
    open: (headers) =>
      client.get(`blobs/${digest}`, headers).catch((error: unknown) => {
        if (!(error instanceof NotThere)) throw error
        throw new UserError('connection', `cannot download ${what}`, {
          why: `${error.why}: ${client.name} has the manifest without the blob`,
          next: 'run again later, or name a mirror that has it (registries)',
        })
      }),
    next: 'what is there whole is kept: run again; or name a mirror that has it (registries)',
  })
  return path
}
