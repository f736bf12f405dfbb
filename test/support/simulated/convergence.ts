import type { ClusterSpec } from '../../../src/inventory/spec.js'
import { identity, lostIdentity } from './identity.js'
import { leftovers } from './leftovers.js'
import { runUp } from './run-up.js'
import type { World } from './world.js'

/** How long a Node may take to say Ready after its kubelet was started anew. */
const readyWithinMs = 15_000

/**
 * Runs `up` until it should be done, and says what is not as promised; nothing when all is well: the run
 * succeeds, what was sacred before is the same, a second run sends no mutation at all, nothing is left
 * behind, nothing runs with old files, and the inventory's nodes are Ready, each once.
 * @param before the identity of the cluster before this run
 */
export async function convergenceProblems(
  world: World,
  spec: ClusterSpec,
  before: Readonly<Record<string, string>>,
): Promise<string[]> {
  const run = await runUp(world, spec)
  if (!run.ok)
    return [
      ...run.errors.map((error) => `the next run failed: ${error}`),
      ...[...world.hosts.values()].map(
        ({ name, kubelet }) => `${name}'s kubelet last met: ${kubelet.lastError}`,
      ),
    ]
  const again = await runUp(world, spec)
  return [
    ...lostIdentity(before, identity(world)).map((path) => `${path} is not what it was`),
    ...again.errors.map((error) => `a second run failed: ${error}`),
    ...again.changed.map((step) => `a second run changed ${step}`),
    ...again.mutations.map((mutation) => `a second run sent ${mutation}`),
    ...(await leftovers(world)),
    ...(await nodeProblems(world, spec)),
  ]
}

async function nodeProblems(world: World, spec: ClusterSpec): Promise<string[]> {
  const wanted = spec.hosts
    .filter(({ roles }) => roles.includes('control-plane') || roles.includes('worker'))
    .map(({ name }) => `${name} True`)
    .sort()
  const deadline = Date.now() + readyWithinMs
  for (;;) {
    const found = await kubectl(
      world,
      `get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.status.conditions[?(@.type=="Ready")].status}{"\\n"}{end}'`,
    )
    const nodes = found.split('\n').filter(Boolean).sort()
    if (nodes.join() === wanted.join()) return []
    if (Date.now() > deadline) return [`nodes: ${nodes.join(', ')}`]
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** Asks the cluster as its administrator, with the real kubectl, on the control plane. */
export function kubectl(world: World, command: string): Promise<string> {
  return world
    .host('cp1')
    .run(
      `KUBECONFIG=/etc/kubernetes/admin.conf HOME=/run/simulated; export KUBECONFIG HOME; /opt/simulated/v*/kubectl ${command}`,
    )
}
