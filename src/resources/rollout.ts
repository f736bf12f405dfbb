import { clusterTarget, type Need, type Step } from '../engine/step.js'
import type { ObjectRef } from '../kubernetes/client/paths.js'
import { textAt } from '../kubernetes/read.js'
import { changedNote, type KubeAccess } from './kube-object.js'

interface Notes {
  configuration: string
  pods: string
}

/**
 * Pods of a workload that read a ConfigMap only when they start, made anew when it was changed, as
 * `kubectl rollout restart` does. The ConfigMap carries a note of its change in the same write, and the
 * pods' template the same note afterwards: a cut in between is seen.
 */
export function rollout(
  kube: KubeAccess,
  configuration: ObjectRef,
  workload: ObjectRef,
  needs: readonly Need[],
): Step<Notes> {
  const name = `${workload.kind} ${workload.metadata.namespace}/${workload.metadata.name}`
  return {
    id: `rollout:${name.replace(' ', ':')}`,
    title: `Pods of ${name}`,
    target: clusterTarget,
    needs,
    probe: async () => {
      const client = await kube()
      const [config, pods] = await Promise.all([client.get(configuration), client.get(workload)])
      return {
        configuration: textAt(config, 'metadata', 'annotations', changedNote),
        pods: textAt(pods, 'spec', 'template', 'metadata', 'annotations', changedNote),
      }
    },
    restarts: { of: 'workload', name: `${workload.kind} ${workload.metadata.name}` },
    diff: ({ configuration: wanted, pods }) =>
      wanted === pods ? [] : [{ kind: 'restart', summary: `recreate the Pods of ${name}` }],
    apply: async () => {
      const client = await kube()
      const note = textAt(await client.get(configuration), 'metadata', 'annotations', changedNote)
      await client.patch(workload, {
        spec: { template: { metadata: { annotations: { [changedNote]: note || null } } } },
      })
    },
  }
}
