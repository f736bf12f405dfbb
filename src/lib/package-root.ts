import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The directory of package.json, `templates` and `inventories`: found from this file upwards, since it is run from `src`
 * (tests), from `dist`, and as a part of the bundle of the command.
 */
export const packageRoot = rootFrom(dirname(fileURLToPath(import.meta.url)))

function rootFrom(directory: string): string {
  if (existsSync(join(directory, 'package.json'))) return directory
  const above = dirname(directory)
  if (above === directory) throw new Error('package.json of kubestrap is not above its own files')
  return rootFrom(above)
}
