import { readFile } from 'node:fs/promises'
import { isAbsolute, join, normalize } from 'node:path'
import { UserError } from '../lib/errors.js'
import { decodeManifest } from './decode-manifest.js'
import type { BundleBinary, BundleImage, BundleManifest } from './manifest.js'

/** A program to install. */
export interface Program extends BundleBinary {
  /** Its file is the program as it is, not compressed. */
  plain?: true
}

/** A bundle whose manifest was read; its files are checked by `verifyBundle`. */
export interface Bundle {
  directory: string
  manifest: BundleManifest
  /** The program of this name. Throws UserError('inventory') when the bundle has none. */
  binary(name: string): Program
  imagesFor(needs: BundleImage['needs']): readonly BundleImage[]
  /** Absolute path of an entry's file. */
  path(entry: { file: string }): string
}

/** Reads and checks `bundle.json`. Throws UserError('inventory') naming the file and field that is wrong. */
export async function openBundle(directory: string): Promise<Bundle> {
  const file = join(directory, 'bundle.json')
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new UserError('inventory', `there is no bundle at ${directory}`, {
      why: error instanceof Error ? error.message : String(error),
      next: 'write the directory that holds bundle.json to binaries.bundle; a lab makes one: kubestrap lab bundle',
      cause: error,
    })
  }
  const manifest = decodeManifest(text, file)
  for (const entry of [...manifest.binaries, ...manifest.images]) {
    if (isAbsolute(entry.file) || normalize(entry.file).split('/')[0] === '..')
      throw new UserError('inventory', `${file}: ${entry.file} lies outside the bundle`, {
        next: 'make the bundle anew',
      })
  }
  return {
    directory,
    manifest,
    binary: (name) => {
      const found = manifest.binaries.find((entry) => entry.name === name)
      if (found) return found
      throw new UserError('inventory', `the bundle ${directory} has no ${name}`, {
        next: 'make the bundle anew',
      })
    },
    imagesFor: (needs) => manifest.images.filter((image) => image.needs === needs),
    path: (entry) => join(directory, entry.file),
  }
}
