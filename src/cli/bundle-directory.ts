import { join, relative, resolve } from 'node:path'
import type { PositionalOptions } from 'yargs'
import type { ClusterSpec } from '../inventory/spec.js'
import { text } from './command.js'
import { inventoryOf } from './inventory.js'

export const directoryPositional = {
  directory: {
    type: 'string',
    describe:
      'directory of the bundle (default: binaries.bundle of the inventory, else bundle beside the inventory)',
  },
} satisfies Record<string, PositionalOptions>

/** Where the bundle of an inventory is, or will be. */
export const bundleDirectoryOf = (spec: ClusterSpec): string =>
  spec.binaries.bundle ?? join(spec.directory, 'bundle')

/** A directory as an inventory names it: from beside the inventory, or absolute. */
export function writtenPath(spec: Pick<ClusterSpec, 'directory'>, directory: string): string {
  const short = relative(spec.directory, directory)
  return short.startsWith('..') ? directory : `./${short}`
}

/**
 * The bundle that a command line names: by directory, which needs no inventory, or by inventory, which may pin it.
 * Throws as `inventoryOf`.
 */
export async function namedBundle(
  values: Record<string, unknown>,
): Promise<{ directory: string; sha256: string | undefined }> {
  const directory = text(values, 'directory')
  if (directory !== '') return { directory: resolve(directory), sha256: undefined }
  const spec = await inventoryOf(values, 'look')
  return { directory: bundleDirectoryOf(spec), sha256: spec.binaries.sha256 }
}
