import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import type { StockedImage } from './registry.js'

export type LayerForm = 'gzip' | 'zstd' | 'plain'

export interface MadeImage extends StockedImage {
  arch: string
  /** Digest of its configuration. */
  id: string
}

const digestOf = (data: Buffer): string => `sha256:${createHash('sha256').update(data).digest('hex')}`

const packed = {
  gzip: (data: Buffer): Buffer => gzipSync(data),
  // node:zlib of Node 20 has none
  zstd: (data: Buffer): Buffer => execFileSync('zstd', ['-q', '-c'], { input: data }),
  plain: (data: Buffer): Buffer => data,
} satisfies Record<LayerForm, (data: Buffer) => Buffer>

/** An image of one layer that is no more than some bytes. */
export function madeImage(
  contents: string,
  arch: string,
  form: LayerForm = 'gzip',
  wrong: { diffId?: string } = {},
): MadeImage {
  const layer = Buffer.concat([Buffer.from(contents.repeat(50)), Buffer.alloc(1024)])
  const blob = packed[form](layer)
  const config = Buffer.from(
    JSON.stringify({
      architecture: arch,
      os: 'linux',
      config: { Cmd: [`/${contents}`] },
      rootfs: { type: 'layers', diff_ids: [wrong.diffId ?? digestOf(layer)] },
    }),
  )
  const oci = form === 'zstd'
  const part = (mediaType: string, data: Buffer) => ({ mediaType, size: data.length, digest: digestOf(data) })
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: oci
        ? 'application/vnd.oci.image.manifest.v1+json'
        : 'application/vnd.docker.distribution.manifest.v2+json',
      config: part(
        oci ? 'application/vnd.oci.image.config.v1+json' : 'application/vnd.docker.container.image.v1+json',
        config,
      ),
      layers: [
        part(
          oci
            ? 'application/vnd.oci.image.layer.v1.tar+zstd'
            : 'application/vnd.docker.image.rootfs.diff.tar.gzip',
          blob,
        ),
      ],
    }),
  )
  const blobs = new Map([config, blob].map((data) => [digestOf(data), data]))
  return { arch, id: digestOf(config), manifest, blobs }
}

/** One tag for images of several architectures. */
export function indexOf(images: readonly MadeImage[], form: 'oci' | 'docker'): StockedImage {
  const child =
    form === 'oci'
      ? 'application/vnd.oci.image.manifest.v1+json'
      : 'application/vnd.docker.distribution.manifest.v2+json'
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType:
        form === 'oci'
          ? 'application/vnd.oci.image.index.v1+json'
          : 'application/vnd.docker.distribution.manifest.list.v2+json',
      manifests: [
        // what builders add beside the images
        {
          mediaType: child,
          size: 2,
          digest: digestOf(Buffer.from('{}')),
          platform: { os: 'unknown', architecture: 'unknown' },
        },
        ...images.map(({ arch, manifest }) => ({
          mediaType: child,
          size: manifest.length,
          digest: digestOf(manifest),
          platform: { os: 'linux', architecture: arch, ...(arch === 'arm64' ? { variant: 'v8' } : {}) },
        })),
      ],
    }),
  )
  const blobs = new Map(
    images.flatMap(({ manifest, blobs }) => [[digestOf(manifest), manifest] as const, ...blobs]),
  )
  return { manifest, blobs }
}
