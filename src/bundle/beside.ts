import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { UserError } from '../lib/errors.js'
import { openBundle } from './bundle.js'

/**
 * The bundles that lie in the directory in which a bundle lies, that one among them: their directories by the version of
 * Kubernetes they are for. What is no bundle there is passed over; of several for one version the named one is taken, else the first by name.
 * @param directory of the bundle that the inventory names
 */
export async function bundlesBeside(directory: string): Promise<ReadonlyMap<string, string>> {
  const parent = dirname(directory)
  const names = await readdir(parent).catch(() => [])
  const found = new Map<string, string>()
  for (const one of [directory, ...names.sort().map((name) => join(parent, name))]) {
    const version = await versionOf(one)
    if (version !== undefined && !found.has(version)) found.set(version, one)
  }
  return found
}

async function versionOf(directory: string): Promise<string | undefined> {
  try {
    return (await openBundle(directory)).manifest.kubernetesVersion
  } catch (error) {
    if (error instanceof UserError) return undefined
    throw error
  }
}
