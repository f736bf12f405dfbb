import type { KubeClient } from '../../kubernetes/client/kube-client.js'
import { at, nameOf } from '../../kubernetes/read.js'

/** Every namespace that a suite creates has it, with the run's identifier (test/e2e/framework/util.go, CreateTestingNS). */
export const runLabel = 'e2e-run'

/** The line by which a suite tells its identifier (test/e2e/e2e.go, RunE2ETests). */
const announced = /\] Starting e2e run "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})" on Ginkgo node \d+/

export const runOf = (line: string): string | undefined => announced.exec(line)?.[1]

/**
 * Deletes the namespaces that one run of a suite left, with what is in them. What lies in no namespace has no label
 * of the run (webhooks, custom resource definitions, volumes, priority classes), and stays.
 * @returns names of those that were not being deleted yet
 */
export async function removeNamespaces(kube: KubeClient, run: string): Promise<string[]> {
  const ref = { apiVersion: 'v1', kind: 'Namespace' }
  const found = await kube.list(ref, undefined, `labelSelector=${runLabel}%3D${run}`)
  const left = found.filter((one) => at(one, 'metadata', 'deletionTimestamp') === undefined).map(nameOf)
  await Promise.all(left.map((name) => kube.delete({ ...ref, metadata: { name } })))
  return left
}
