import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { createGunzip, gzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { decodeManifest } from '../../src/bundle/decode-manifest.js'
import type { StockedImage } from './registry.js'

const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

/** A bundle's images as a registry has them, by "kube-proxy:v1.36.3": their references without the registry's name. */
export async function imagesOfBundle(bundle: string): Promise<ReadonlyMap<string, StockedImage>> {
  const file = join(bundle, 'bundle.json')
  const { images } = decodeManifest(await readFile(file, 'utf8'), file)
  return new Map(
    await Promise.all(
      images.map(async ({ reference, file: archive }) => {
        const [, ...rest] = reference.split('/')
        return [rest.join('/'), await imageIn(join(bundle, archive))] as const
      }),
    ),
  )
}

/** The one image of a docker-archive. */
async function imageIn(archive: string): Promise<StockedImage> {
  const files = new Map<string, Buffer>()
  const entries = extract()
  createReadStream(archive).pipe(createGunzip()).pipe(entries)
  for await (const entry of entries) files.set(entry.header.name, await buffer(entry))
  const get = (name: string): Buffer => {
    const found = files.get(name)
    if (!found) throw new Error(`${archive} has no ${name}`)
    return found
  }
  const described: [{ Config: string; Layers: string[] }] = JSON.parse(get('manifest.json').toString())
  const [{ Config, Layers }] = described
  const config = get(Config)
  const layers = Layers.map((name) => gzipSync(get(name), { level: 1 }))
  const part = (mediaType: string, data: Buffer) => ({ mediaType, size: data.length, digest: digestOf(data) })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
      config: part('application/vnd.docker.container.image.v1+json', config),
      layers: layers.map((data) => part('application/vnd.docker.image.rootfs.diff.tar.gzip', data)),
    }),
  )
  return { manifest, blobs: new Map([config, ...layers].map((data) => [digestOf(data), data])) }
}
