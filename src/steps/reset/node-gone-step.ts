import type { Context } from '../../cluster/context.js'
import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import type { HostSpec } from '../../inventory/spec.js'
import type { Json } from '../../kubernetes/client/kube-client.js'

/** The machine's Node object is gone. After its kubelet: one that runs would register again. */
export function nodeGoneStep(
  { kube }: Context,
  { name }: HostSpec,
  needs: readonly Need[],
): Step<Json | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  return {
    id: `reset:node:${name}`,
    title: `node ${name}`,
    target: clusterTarget,
    needs,
    // its dependents go first (propagation Foreground)
    settle: { withinMs: 60_000, everyMs: 250 },
    probe: async () => (await kube()).get(ref),
    diff: (node) => (node === undefined ? [] : [{ kind: 'remove', summary: `delete node ${name}` }]),
    apply: async () => {
      await (await kube()).delete(ref)
    },
  }
}
