import { balancerChecks } from './balancer-checks.js'
import { bundledPackageChecks } from './bundled-package-checks.js'
import type { Check } from './check.js'
import { clockChecks } from './clock-checks.js'
import { closerChecks } from './closer-checks.js'
import { externalEtcdChecks } from './external-etcd-checks.js'
import { imageChecks } from './image-checks.js'
import { kernelChecks } from './kernel-checks.js'
import { kubeletChecks } from './kubelet-checks.js'
import { machineChecks } from './machine-checks.js'
import { osChecks } from './os-checks.js'
import { packageChecks } from './package-checks.js'
import { planeChecks } from './plane-checks.js'
import { resolverChecks } from './resolver-checks.js'
import { timeSyncChecks } from './time-sync-checks.js'
import { twinChecks } from './twin-checks.js'
import { versionChecks } from './version-checks.js'
import { volumeChecks } from './volumes.js'

/** Every preflight check, in the order they are told. */
export const checks: readonly Check[] = [
  ...osChecks,
  ...packageChecks,
  ...bundledPackageChecks,
  ...machineChecks,
  ...kernelChecks,
  ...resolverChecks,
  ...twinChecks,
  ...clockChecks,
  ...timeSyncChecks,
  ...planeChecks,
  ...balancerChecks,
  ...closerChecks,
  ...kubeletChecks,
  ...versionChecks,
  ...externalEtcdChecks,
  ...imageChecks,
  ...volumeChecks,
]
