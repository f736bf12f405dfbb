import { createReadStream, createWriteStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { type Pack, pack as tarPack } from 'tar-stream'
import { gzipLevel } from './gzip-level.js'

export interface ArchivedImage {
  reference: string
  /** The configuration, byte for byte: its digest is the image's id. */
  config: Buffer
  /** Hex digest of the configuration. */
  id: string
  /** Layers from the lowest on: hex digest of the tar, and where it is. */
  layers: readonly { diffId: string; file: string }[]
}

const fixed = { uid: 0, gid: 0, mtime: new Date(0), mode: 0o644 }

/**
 * Writes a docker-archive (what `docker save` writes, and `docker load` and `ctr images import` read) of one image,
 * gzip-compressed. The same image gives the same bytes.
 */
export async function writeDockerArchive(image: ArchivedImage, file: string): Promise<void> {
  const manifest = [
    {
      Config: `${image.id}.json`,
      RepoTags: [image.reference],
      Layers: image.layers.map(({ diffId }) => `${diffId}/layer.tar`),
    },
  ]
  const archive = tarPack()
  const written = pipeline(archive, createGzip({ level: gzipLevel }), createWriteStream(file))
  const filled = fill(archive, image, JSON.stringify(manifest)).catch((error: unknown) => {
    archive.destroy(error instanceof Error ? error : new Error(String(error)))
    throw error
  })
  // whichever of the two failed first
  await Promise.all([written, filled])
}

async function fill(archive: Pack, { config, id, layers }: ArchivedImage, manifest: string): Promise<void> {
  await add(archive, 'manifest.json', manifest)
  await add(archive, `${id}.json`, config)
  const seen = new Set<string>()
  for (const { diffId, file } of layers) {
    // an image may have the same layer twice (an empty one)
    if (seen.has(diffId)) continue
    seen.add(diffId)
    await addFile(archive, `${diffId}/layer.tar`, file)
  }
  archive.finalize()
}

function add(tar: Pack, name: string, data: string | Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ name, ...fixed }, data, (error) => (error ? reject(error) : resolve()))
  })
}

async function addFile(tar: Pack, name: string, file: string): Promise<void> {
  const { size } = await stat(file)
  await new Promise<void>((resolve, reject) => {
    const sink = tar.entry({ name, size, ...fixed }, (error) => (error ? reject(error) : resolve()))
    pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), sink).catch(reject)
  })
}
