import { quote } from '../host/quote.js'
import type { BroughtPackages } from './offline.js'
import type { OperatingSystem } from './os.js'

/**
 * A system to whose hosts the operator brings packages: what would be installed is what is brought, whatever the lists on a host
 * say, and no repository is asked. Throws (a bug) for a package manager that cannot do so.
 */
export function bringPackages(os: OperatingSystem, brought: BroughtPackages): OperatingSystem {
  if (!os.offline) throw new Error(`${os.id} installs no packages that are brought`)
  const cases = brought.packages.map(({ name, version }) => `${quote(name)}) echo ${quote(version)} ;;`)
  return { ...os, brought, offeredVersion: `case $1 in\n${cases.join('\n')}\nesac` }
}
