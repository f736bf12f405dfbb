import { defaults } from './defaults.js'
import type { Known } from './known.js'
import type { Inventory } from './schema/schema.js'
import { minorOf, parseVersion } from './version.js'

/**
 * The runtime of an inventory: the one it names, else Docker; where that requires a program that nothing in the
 * inventory can provide (cri-dockerd, without a bundle), the first that requires none.
 */
export function chosenRuntime({ kubernetes, runtime, docker, binaries }: Inventory, known: Known): string {
  if (runtime !== undefined) return runtime
  const version = parseVersion(kubernetes.version)
  if (version === undefined || binaries !== undefined || docker !== undefined) return defaults.runtime
  const minor = minorOf(version)
  const needsNone = (id: string): boolean =>
    known.runtimeProblem(id, minor) === undefined && known.programsFor(id, minor).length === 0
  return [defaults.runtime, ...known.runtimes].find(needsNone) ?? defaults.runtime
}
