import type { Step } from '../../engine/step.js'
import { clusterTarget } from '../../engine/step.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'

/** The machine's Node object is gone. After its kubelet: one that runs would register again. */
export function nodeGoneStep({ kube }: Context, { spec }: Machine): Step<Json | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Node', metadata: { name: spec.name } }
  return {
    id: `reset:node:${spec.name}`,
    title: `node ${spec.name}`,
    target: clusterTarget,
    needs: [`${spec.name}/reset:stopped`],
    // its dependents go first (propagation Foreground)
    settle: { withinMs: 60_000, everyMs: 250 },
    probe: async () => (await kube()).get(ref),
    diff: (node) => (node === undefined ? [] : [{ summary: `delete node ${spec.name}` }]),
    apply: async () => {
      await (await kube()).delete(ref)
    },
  }
}
