import { expect, test } from 'vitest'
import { versionProblem } from '../../../src/kubernetes/releases/version-change.js'

test.each([
  ['v1.35.6', 'v1.35.7'],
  ['v1.35.6', 'v1.36.0'],
  ['v1.35.6-dirty', 'v1.36.3'],
])('%s is upgraded to %s in one run', (is, wanted) => {
  expect(versionProblem(is, wanted)).toBeUndefined()
})

test.each([
  [
    'v1.36.3',
    'v1.36.2',
    'Kubernetes does not support downgrades: restore the old value, or create a new cluster',
  ],
  [
    'v1.36.3',
    'v1.35.9',
    'Kubernetes does not support downgrades: restore the old value, or create a new cluster',
  ],
  [
    'v1.33.13',
    'v1.36.3',
    'no minor version is skipped: upgrade to 1.34, then to 1.35, then to 1.36 (kubestrap upgrade plan shows the hops, kubestrap up --hops makes them)',
  ],
  ['latest', 'v1.36.3', 'the version of the cluster is not understood: restore the old value'],
])('%s is not made %s: why, and what to do', (is, wanted, problem) => {
  expect(versionProblem(is, wanted)).toBe(problem)
})
