import { createHash } from 'node:crypto'
import type { Effect } from '../engine/effect.js'
import type { Change, Need, Step } from '../engine/step.js'
import { clusterTarget } from '../engine/step.js'
import type { Json, KubeClient } from '../kubernetes/client/kube-client.js'
import type { ObjectRef } from '../kubernetes/client/paths.js'
import type { KubeObject } from '../kubernetes/kube-object.js'
import { missingFrom } from './contains.js'

/** Gives a client of the cluster's API; throws NotYet while there is no cluster. */
export interface KubeAccess {
  (): Promise<KubeClient>
  /** The administrator's credentials were written anew on a control plane. */
  renew(host: string): void
}

export interface KubeObjectWish {
  object: KubeObject | (() => KubeObject)
  /** Names the object before its content is known. */
  ref: ObjectRef
  needs?: readonly Need[]
  /** What reads it only when it starts; a change is noted on the object for `rollout`. */
  readBy?: ObjectRef
}

/** On a configuration that was changed after its birth: SHA-256 of its data. Its readers' pods carry it too. */
export const changedNote = 'kubestrap.io/changed'

/**
 * An object of the Kubernetes API that says at least what is wished. Fields the wish does not
 * mention (defaults, status, what others added) are left alone.
 */
export function kubeObject(kube: KubeAccess, wish: KubeObjectWish): Step<Json | undefined> {
  const object = (): KubeObject => (typeof wish.object === 'function' ? wish.object() : wish.object)
  const { kind, metadata } = wish.ref
  const label = `${kind} ${metadata.namespace ? `${metadata.namespace}/` : ''}${metadata.name}`
  return {
    id: `object:${label.replace(' ', ':')}`,
    title: label,
    target: clusterTarget,
    ...(wish.needs ? { needs: wish.needs } : {}),
    probe: async () => (await kube()).get(wish.ref),
    diff: (current) => objectChanges(label, current, object(), wish.readBy),
    unshown: (current) =>
      kind === 'Secret' && current !== undefined
        ? missingFrom(current, { ...object(), status: null }).join('\n')
        : '',
    apply: async () => {
      const client = await kube()
      const wanted = object()
      const current = await client.get(wanted)
      if (current === undefined) await client.create(wanted)
      else if (missingFrom(current.roleRef, wanted.roleRef).length > 0) {
        // a binding's roleRef cannot be changed (RBAC: it is what was granted); it is made anew
        await client.delete(wanted)
        await client.create(wanted)
      } else await client.patch(wanted, wish.readBy ? noted(wanted) : wanted)
    },
  }
}

/** A step for a builder's object whose name is known now. */
export function kubeObjectStep(
  kube: KubeAccess,
  object: KubeObject,
  needs?: readonly Need[],
): Step<Json | undefined> {
  return kubeObject(kube, { object, ref: object, ...(needs ? { needs } : {}) })
}

/** Kinds that start Pods, which need the accounts, the configuration and the rights beside them. */
const workloads: readonly string[] = ['DaemonSet', 'Deployment']

/**
 * Steps for objects that come together, in the order they need each other: a namespace before what is in it, workloads
 * last, so that no controller has to try again.
 * @param reader one of them that reads the ConfigMaps among them only when it starts; see `rollout`
 */
export function kubeObjectSteps(
  kube: KubeAccess,
  objects: readonly KubeObject[],
  needs: readonly Need[],
  reader?: KubeObject,
): Step<Json | undefined>[] {
  const keyOf = (object: KubeObject): string => `${clusterTarget}/${kubeObjectStep(kube, object).id}`
  const before = (object: KubeObject): KubeObject[] =>
    objects.filter((other) =>
      workloads.includes(object.kind)
        ? !workloads.includes(other.kind)
        : other.kind === 'Namespace' && other.metadata.name === object.metadata.namespace,
    )
  return objects.map((object) =>
    kubeObject(kube, {
      object,
      ref: object,
      needs: [...needs, ...before(object).map(keyOf)],
      ...(reader && object.kind === 'ConfigMap' ? { readBy: reader } : {}),
    }),
  )
}

function noted(object: KubeObject): KubeObject {
  const digest = createHash('sha256').update(JSON.stringify(object.data)).digest('hex')
  const { metadata } = object
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [changedNote]: digest } },
  }
}

function objectChanges(
  label: string,
  current: Json | undefined,
  wanted: KubeObject,
  readBy: ObjectRef | undefined,
): Change[] {
  if (current === undefined) return [{ kind: 'create', summary: `create ${label}` }]
  const missing = missingFrom(current, { ...wanted, status: null })
  if (missing.length === 0) return []
  const diff = wanted.kind === 'Secret' ? missing.map((line) => line.split(':')[0]) : missing
  const { kind, metadata } = readBy ?? wanted
  const recreates = readBy !== undefined || missing.some((line) => line.startsWith('spec.template'))
  const effects: Effect[] = recreates
    ? [{ kind: 'recreate', of: 'workload', name: `${kind} ${metadata.name}` }]
    : []
  return [{ kind: 'update', summary: `change ${label}`, diff: diff.join('\n'), effects }]
}
