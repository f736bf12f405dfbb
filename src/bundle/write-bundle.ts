import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import { fileDigest } from '../lib/file-digest.js'
import { gzipLevel } from './gzip-level.js'
import type { BundleArch, BundleBinary, BundleImage, BundleManifest } from './manifest.js'

export interface BundleInput {
  kubernetesVersion: string
  arch: BundleArch
  /** Programs to compress into the bundle. */
  binaries: readonly { name: string; path: string }[]
  /** Image archives that lie in the bundle's directory already. */
  images: readonly { reference: string; id: string; file: string; needs: BundleImage['needs'] }[]
}

/** Writes a bundle's programs and, last and at once, its manifest. `file` of images is relative to `directory`. */
export async function writeBundle(directory: string, input: BundleInput): Promise<BundleManifest> {
  const binaries: BundleBinary[] = []
  for (const { name, path } of input.binaries)
    binaries.push(await packProgram(directory, { name, arch: input.arch, path, file: `bin/${name}.gz` }))
  const images: BundleImage[] = []
  for (const image of input.images)
    images.push({ ...image, arch: input.arch, ...(await stored(join(directory, image.file))) })
  const manifest: BundleManifest = {
    format: 2,
    kubernetesVersion: input.kubernetesVersion,
    binaries,
    images,
  }
  await writeManifest(directory, manifest)
  return manifest
}

/** Writes bundle.json, at once. Returns its SHA-256, which pins the bundle. */
export async function writeManifest(directory: string, manifest: BundleManifest): Promise<string> {
  const path = join(directory, 'bundle.json')
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`
  await writeFile(`${path}.new`, text)
  await rename(`${path}.new`, path)
  return createHash('sha256').update(text).digest('hex')
}

/** Compresses a program into a bundle. `file` is relative to `directory`. */
export async function packProgram(
  directory: string,
  { name, arch, path, file }: { name: string; arch: BundleArch; path: string; file: string },
): Promise<BundleBinary> {
  const installed = createHash('sha256')
  let size = 0
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      installed.update(chunk)
      size += chunk.length
      done(null, chunk)
    },
  })
  const target = join(directory, file)
  await mkdir(dirname(target), { recursive: true })
  await pipeline(createReadStream(path), through, createGzip({ level: gzipLevel }), createWriteStream(target))
  return { name, arch, file, ...(await stored(target)), sha256: installed.digest('hex'), size }
}

/** Digest and size of a file as it lies in a bundle. */
export async function stored(path: string): Promise<{ fileSha256: string; fileSize: number }> {
  return { fileSha256: await fileDigest(path), fileSize: (await stat(path)).size }
}
