import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type { BundleBinary, BundleImage, BundleManifest } from './manifest.js'

export interface BundleInput {
  kubernetesVersion: string
  arch: 'amd64' | 'arm64'
  /** Programs to compress into the bundle. */
  binaries: readonly { name: string; path: string }[]
  /** Image archives that lie in the bundle's directory already. */
  images: readonly { reference: string; id: string; file: string; needs: BundleImage['needs'] }[]
}

/** zlib's fastest: a bundle travels over fast links more often than slow ones, and level 6 takes three times as long. */
const gzipLevel = 1

/** Writes a bundle's programs and, last and at once, its manifest. `file` of images is relative to `directory`. */
export async function writeBundle(directory: string, input: BundleInput): Promise<BundleManifest> {
  const binaries: BundleBinary[] = []
  for (const { name, path } of input.binaries) {
    const file = `bin/${name}.gz`
    const installed = createHash('sha256')
    const through = new Transform({
      transform(chunk: Buffer, _encoding, done) {
        installed.update(chunk)
        done(null, chunk)
      },
    })
    await mkdir(dirname(join(directory, file)), { recursive: true })
    await pipeline(
      createReadStream(path),
      through,
      createGzip({ level: gzipLevel }),
      createWriteStream(join(directory, file)),
    )
    const size = (await stat(path)).size
    binaries.push({
      name,
      file,
      ...(await stored(join(directory, file))),
      sha256: installed.digest('hex'),
      size,
    })
  }
  const images: BundleImage[] = []
  for (const image of input.images) images.push({ ...image, ...(await stored(join(directory, image.file))) })
  const { kubernetesVersion, arch } = input
  const manifest: BundleManifest = { format: 1, kubernetesVersion, arch, binaries, images }
  const path = join(directory, 'bundle.json')
  await writeFile(`${path}.new`, `${JSON.stringify(manifest, undefined, 2)}\n`)
  await rename(`${path}.new`, path)
  return manifest
}

async function stored(path: string): Promise<{ fileSha256: string; fileSize: number }> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1024 * 1024 })) hash.update(chunk)
  return { fileSha256: hash.digest('hex'), fileSize: (await stat(path)).size }
}
