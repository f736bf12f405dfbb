import { execFileSync } from 'node:child_process'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { decodeManifest } from '../../src/bundle/decode-manifest.js'
import { archesOf } from '../../src/bundle/manifest.js'

/**
 * A bundle in format 1, which version 0.1.0 reads: the same files, and a manifest that names one architecture for all.
 * @param bundle directory of a bundle for one architecture, of either format
 * @param directory where to, on the same file system; what lies there is replaced
 */
export function inFirstFormat(bundle: string, directory: string): void {
  const file = join(bundle, 'bundle.json')
  const manifest = decodeManifest(readFileSync(file, 'utf8'), file)
  const [arch, ...others] = archesOf(manifest)
  if (others.length > 0) throw new Error(`${file} is of several architectures`)
  const unnamed = <T extends { arch: string }>({ arch: _, ...entry }: T): Omit<T, 'arch'> => entry
  const { kubernetesVersion, binaries, images } = manifest
  rmSync(directory, { recursive: true, force: true })
  execFileSync('cp', ['-al', bundle, directory])
  // a link to the first one's so far
  rmSync(join(directory, 'bundle.json'))
  writeFileSync(
    join(directory, 'bundle.json'),
    JSON.stringify({
      format: 1,
      kubernetesVersion,
      arch,
      binaries: binaries.map(unnamed),
      images: images.map(unnamed),
    }),
  )
}
