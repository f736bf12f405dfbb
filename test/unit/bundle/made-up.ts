import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BundleManifest } from '../../../src/bundle/manifest.js'
import { writeBundle } from '../../../src/bundle/write-bundle.js'

export const imageId = `sha256:${'a'.repeat(64)}`

/** A small bundle of made-up files in a new directory; the caller ends it with `remove`. */
export async function madeUp(): Promise<{
  directory: string
  stamps: string
  manifest: BundleManifest
  remove(): Promise<void>
}> {
  const root = await mkdtemp(join(tmpdir(), 'kubestrap-bundle-'))
  const directory = join(root, 'bundle')
  await mkdir(join(directory, 'images'), { recursive: true })
  await writeFile(join(root, 'kubelet'), 'a kubelet\n'.repeat(1000))
  await writeFile(join(root, 'kubectl'), 'a kubectl\n')
  await writeFile(join(directory, 'images/api.tar.gz'), 'an archive')
  const manifest = await writeBundle(directory, {
    kubernetesVersion: '1.20.2',
    arch: 'amd64',
    binaries: ['kubelet', 'kubectl'].map((name) => ({ name, path: join(root, name) })),
    images: [{ reference: 'r/api:v1', id: imageId, file: 'images/api.tar.gz', needs: 'control-plane' }],
  })
  return {
    directory,
    stamps: join(root, 'cache', 'stamps'),
    manifest,
    remove: () => rm(root, { recursive: true, force: true }),
  }
}
