import { apiChecks } from './api-checks.js'
import type { UpgradeCheck } from './check.js'
import { componentChecks } from './component-checks.js'
import { etcdChecks } from './etcd-checks.js'
import { healthChecks } from './health-checks.js'
import { sourceChecks } from './source-checks.js'

/** Every check of an upgrade, in the order they are told; those of preflight run beside them for the new minor. */
export const upgradeChecks: readonly UpgradeCheck[] = [
  ...sourceChecks,
  ...componentChecks,
  ...apiChecks,
  ...etcdChecks,
  ...healthChecks,
]
