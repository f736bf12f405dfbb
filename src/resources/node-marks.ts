import { clusterTarget, type Need, type Step } from '../engine/step.js'
import { ApiError } from '../kubernetes/client/api-error.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { missingFrom } from './contains.js'
import type { KubeAccess } from './kube-object.js'

export interface Taint {
  key: string
  value?: string
  effect: string
}

export interface Marks {
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  taints: readonly Taint[]
}

/** How often the kubelet may get in between our read and our write before we give up. */
const attempts = 8

/** A Node with at least these labels, annotations and taints. */
export function nodeMarksStep(
  kube: KubeAccess,
  name: string,
  marks: Marks,
  needs: readonly Need[],
): Step<Json | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  const missing = (node: Json): string[] => [
    ...missingFrom(node.metadata, { labels: marks.labels, annotations: marks.annotations }),
    ...missingTaints(node, marks.taints).map((taint) => `taint ${taint.key}:${taint.effect}`),
  ]
  return {
    id: `marks:${name}`,
    title: `labels and taints of ${name}`,
    target: clusterTarget,
    needs,
    probe: async () => (await kube()).get(ref),
    diff: (node) => {
      if (node === undefined) return [{ summary: `mark node ${name}` }]
      const lines = missing(node)
      return lines.length > 0 ? [{ summary: `mark node ${name}`, diff: lines.join('\n') }] : []
    },
    apply: async () => {
      const client = await kube()
      for (let attempt = 1; ; attempt += 1) {
        const node = await client.get(ref)
        if (node === undefined) throw new Error(`node ${name} is gone`)
        const taints = missingTaints(node, marks.taints)
        try {
          // the version is part of the patch: taints are one list, and controllers write it too
          await client.patch(ref, {
            metadata: {
              resourceVersion: versionOf(node),
              labels: marks.labels,
              annotations: marks.annotations,
            },
            ...(taints.length > 0 ? { spec: { taints: merged(taintsOf(node), taints) } } : {}),
          })
          return
        } catch (error) {
          if (!(error instanceof ApiError && error.status === 409 && attempt < attempts)) throw error
        }
      }
    },
  }
}

function versionOf(node: Json): string {
  const { metadata } = node
  return typeof metadata === 'object' && metadata !== null && 'resourceVersion' in metadata
    ? String(metadata.resourceVersion)
    : ''
}

function taintsOf(node: Json): readonly Taint[] {
  const { spec } = node
  const taints = typeof spec === 'object' && spec !== null && 'taints' in spec ? spec.taints : undefined
  return Array.isArray(taints) ? taints : []
}

/** Taints are unique by key and effect: a new value takes the old one's place. */
function merged(present: readonly Taint[], wanted: readonly Taint[]): Taint[] {
  const replaced = (old: Taint): boolean =>
    wanted.some(({ key, effect }) => key === old.key && effect === old.effect)
  return [...present.filter((old) => !replaced(old)), ...wanted]
}

function missingTaints(node: Json, wanted: readonly Taint[]): Taint[] {
  const present = taintsOf(node)
  const same = (a: Taint, b: Taint): boolean =>
    a.key === b.key && a.effect === b.effect && (a.value ?? '') === (b.value ?? '')
  return wanted.filter((taint) => !present.some((other) => same(other, taint)))
}
