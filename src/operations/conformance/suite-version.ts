import { minorIn, sameMinor } from '../../kubernetes/releases/order.js'
import { UserError } from '../../lib/errors.js'

/**
 * The version that `e2e.test --version` tells: its last line (test/e2e/e2e_test.go prints version.Get()).
 * @returns "v1.36.3"
 * @throws UserError('preflight') when it tells none
 */
export function suiteVersion(program: string, output: string): string {
  const last = output.trim().split('\n').at(-1)?.trim() ?? ''
  if (minorIn(last) !== undefined) return last
  throw new UserError('preflight', `${program} does not report a version of Kubernetes`, {
    why: `${program} --version printed: ${last.slice(0, 200) || 'nothing'}`,
    next: 'name the e2e.test of a release of Kubernetes: --e2e-test PATH',
  })
}

/**
 * A suite tests the minor that it was released with: a newer one tests what the cluster does not have yet.
 * @param next where the right one is found
 * @throws UserError('preflight') for a suite of another minor
 */
export function refuseOtherMinor(program: string, suite: string, cluster: string, next: string): void {
  if (sameMinor(suite, cluster)) return
  throw new UserError('preflight', `${program} is of another minor of Kubernetes than the cluster`, {
    why: `${program} is ${suite}, the API server is ${cluster.slice(0, 100)}`,
    next,
  })
}
