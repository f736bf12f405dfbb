import { NotYet } from '../engine/late.js'
import { UserError } from '../lib/errors.js'

/**
 * What a command that needs a cluster throws where there is none is no bug: it becomes an error that says
 * so. Any other error as it is.
 */
export function asUserError(error: unknown): unknown {
  if (!(error instanceof NotYet)) return error
  return new UserError('step', 'the cluster does not exist yet', {
    why: `unknown: ${error.what}; no control plane node of the inventory has /etc/kubernetes/admin.conf`,
    next: 'run kubestrap up first',
    cause: error,
  })
}
