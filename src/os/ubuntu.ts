import { debian } from './debian.js'
import type { OperatingSystem, System } from './os.js'

/** Ubuntu, whose packages have Debian's names. */
export const ubuntu: OperatingSystem = {
  ...debian,
  id: 'ubuntu',
  kernelModules: 'the package linux-modules-extra of the running kernel',
}

export const ubuntuSystem: System = {
  id: 'ubuntu',
  known: ['20.04', '22.04', '24.04', '26.04'],
  of: () => ubuntu,
}
