import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { z } from 'zod'
import { messageOf } from '../lib/errors.js'
import type { Bundle } from './bundle.js'
import { type BundleBinary, type BundleImage, filesOf } from './manifest.js'
import { tagged } from './registry/pull-image.js'

/** Manifests and configurations are small; more is not read into memory. */
const smallBytes = 16 * 1024 * 1024

const manifestSchema = z
  .array(z.object({ Config: z.string(), RepoTags: z.array(z.string()), Layers: z.array(z.string()) }))
  .length(1)
const configSchema = z.object({
  architecture: z.string(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
})

/**
 * What is wrong inside of the files of a bundle whose own digests are right: a program that is another when unpacked, an
 * archive with another image than its id says. "bin/kubelet.gz: …", one a file; none when all is well.
 */
export async function checkContents(bundle: Bundle): Promise<string[]> {
  const wrong: string[] = []
  // one after the other: each keeps a processor busy
  for (const entry of filesOf(bundle.manifest)) {
    const path = bundle.path(entry)
    const look =
      'reference' in entry
        ? ofImage(path, entry)
        : 'control' in entry
          ? ofPackage(path)
          : ofProgram(path, entry)
    const problem = await look.catch((error: unknown) => `cannot be unpacked: ${messageOf(error)}`)
    if (problem !== undefined) wrong.push(`${entry.file}: ${problem}`)
  }
  return wrong
}

/** How a file of the format deb begins (deb(5)): an archive of ar(5), and its first member. */
const debMagic = '!<arch>\ndebian-binary'

/** What is wrong with a file that should be a package; its compressed parts are not unpacked here. */
export async function ofPackage(path: string): Promise<string | undefined> {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(debMagic.length), 0, debMagic.length, 0)
    return buffer.toString('latin1', 0, bytesRead) === debMagic ? undefined : 'it is not a package (deb)'
  } finally {
    await file.close()
  }
}

async function ofProgram(path: string, { sha256, size }: BundleBinary): Promise<string | undefined> {
  const hash = createHash('sha256')
  let bytes = 0
  await pipeline(createReadStream(path), createGunzip(), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length
      hash.update(chunk)
    }
  })
  if (bytes !== size) return `unpacked it has ${bytes} bytes, expected ${size}`
  const digest = hash.digest('hex')
  return digest === sha256 ? undefined : `unpacked its SHA-256 is ${digest}, expected ${sha256}`
}

async function ofImage(path: string, { id, reference }: BundleImage): Promise<string | undefined> {
  const files = new Map<string, Buffer>()
  const layers = new Map<string, string>()
  const entries = extract()
  const reading = pipeline(createReadStream(path), createGunzip(), entries)
  const taking = (async () => {
    for await (const entry of entries) {
      const { name, size = 0 } = entry.header
      if (/\.json$/.test(name) && size <= smallBytes) files.set(name, await buffer(entry))
      else layers.set(name, await digestOf(entry))
    }
  })()
  const [taken, read] = await Promise.allSettled([taking, reading])
  const failed = [taken, read].find((one) => one.status === 'rejected')
  if (failed) throw failed.reason
  const [manifest] = manifestSchema.parse(JSON.parse(files.get('manifest.json')?.toString() ?? 'null'))
  const config = files.get(manifest?.Config ?? '')
  if (!manifest || !config) return 'it has no configuration of an image'
  const found = `sha256:${createHash('sha256').update(config).digest('hex')}`
  if (found !== id) return `it has the image ${found}, expected ${id}`
  if (!manifest.RepoTags.includes(tagged(reference)))
    return `it names its image ${manifest.RepoTags.join(', ')}, expected ${reference}`
  const { rootfs } = configSchema.parse(JSON.parse(config.toString()))
  const digests = manifest.Layers.map((name) => `sha256:${layers.get(name) ?? ''}`)
  return digests.join() === rootfs.diff_ids.join() ? undefined : 'its layers are not those of its image'
}

async function digestOf(stream: AsyncIterable<unknown>): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of stream) hash.update(chunk as Buffer)
  return hash.digest('hex')
}
