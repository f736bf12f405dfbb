import { knownFingerprints } from '../../cluster/pki/known-fingerprints.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import type { ConvergeOptions } from '../converge.js'
import { limitsTo } from '../selection.js'
import { refuseChanged, refuseForeign } from './compare.js'
import { onlyPlanned } from './only-planned.js'
import type { PlanFile } from './plan-file.js'

/**
 * A run that makes the changes of a plan and no others, without a question: they were read.
 * Throws UserError('preflight') for a plan of another inventory or another version of kubestrap.
 */
export function byPlan(spec: ClusterSpec, file: string, plan: PlanFile, version: string): ConvergeOptions {
  refuseForeign(file, plan, { kubestrap: version, inventory: spec })
  return {
    ...(plan.limit ? limitsTo(spec, plan.limit) : {}),
    examine: (found, context) => refuseChanged(file, plan, found, knownFingerprints(context)),
    permits: onlyPlanned(file, plan),
  }
}
