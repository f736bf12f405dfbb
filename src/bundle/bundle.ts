import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { decodeManifest } from './decode-manifest.js'
import { archesOf, type BundleBinary, type BundleImage, type BundleManifest } from './manifest.js'

/** A program of a bundle, or of a file beside it. */
export interface BundledProgram extends BundleBinary {
  /** Its file is the program as it is, not compressed. */
  plain?: true
}

/** A bundle whose manifest was read; its files are checked by `verifyBundle`. */
export interface Bundle {
  directory: string
  /** Of bundle.json, lower-case hex. */
  sha256: string
  manifest: BundleManifest
  /** The program of this name for an architecture. Throws UserError('inventory') when the bundle has none. */
  binary(name: string, arch: string): BundledProgram
  imagesFor(needs: BundleImage['needs'], arch: string): readonly BundleImage[]
  /** Absolute path of an entry's file. */
  path(entry: { file: string }): string
}

/**
 * Reads and checks `bundle.json`.
 * @param pin what its SHA-256 must be, lower-case hex: with it every file of the bundle is who wrote the inventory's
 *   choice, as bundle.json has their digests
 * Throws UserError: 'inventory' naming the file and field that is wrong, 'preflight' when its digest is another.
 */
export async function openBundle(directory: string, pin?: string): Promise<Bundle> {
  const file = join(directory, 'bundle.json')
  let bytes: Buffer
  try {
    bytes = await readFile(file)
  } catch (error) {
    throw new UserError('inventory', `no bundle found at ${directory}`, {
      why: messageOf(error),
      next: 'set binaries.bundle to the directory of bundle.json; create a bundle with kubestrap bundle create, or for a lab with kubestrap lab bundle',
      cause: error,
    })
  }
  const digest = createHash('sha256').update(bytes).digest('hex')
  if (pin !== undefined && digest !== pin)
    throw new UserError('preflight', `${file} is not the one the inventory names`, {
      why: `its SHA-256 is ${digest}, binaries.sha256 says ${pin}`,
      next: 'nothing was changed; download the bundle again, or fix binaries.sha256 if the bundle is new',
    })
  const manifest = decodeManifest(bytes.toString('utf8'), file)
  return {
    directory,
    sha256: digest,
    manifest,
    binary: (name, arch) => {
      const found = manifest.binaries.find((entry) => entry.name === name && entry.arch === arch)
      if (found) return found
      throw new UserError('inventory', `the bundle ${directory} has no ${name} for ${arch}`, {
        next: manifest.binaries.some((entry) => entry.name === name)
          ? `create the bundle again for every architecture of the hosts: kubestrap bundle create --arch ${[...archesOf(manifest), arch].join(',')}`
          : `create the bundle again with ${name}, or use another source of it`,
      })
    },
    imagesFor: (needs, arch) =>
      manifest.images.filter((image) => image.needs === needs && image.arch === arch),
    path: (entry) => join(directory, entry.file),
  }
}
