import type { Json } from '../../kubernetes/client/kube-client.js'
import { at, condition, conditionOf, listAt, textAt } from '../../kubernetes/read.js'

/**
 * On a Node that kubestrap cordoned, with the second since 1970 when it did. A kubelet may not set, change or take away a
 * label of this prefix on its Node (admission plug-in NodeRestriction), so none can have a person's cordon taken for ours.
 */
export const cordonedLabel = 'node-restriction.kubernetes.io/kubestrap-cordoned'

/** Whether a Node takes no new Pods (kubectl cordon), whoever said so. */
export const isCordoned = (node: Json): boolean => at(node, 'spec', 'unschedulable') === true

/**
 * Taints that the controller manager sets for what a Node's spec and conditions say, and takes away a moment after these
 * have changed: a node just uncordoned would not be one that takes Pods.
 */
const followers = ['unschedulable', 'not-ready', 'unreachable'].map((what) => `node.kubernetes.io/${what}`)

/**
 * Whether a Node takes a Pod that is moved, by its tolerations: the node works, is not cordoned, and has no taint that keeps
 * the Pod away. Selectors and affinities are not looked at, nor does `kubectl drain`. Pure.
 */
export const takesPod = (node: Json, tolerations: readonly unknown[]): boolean =>
  isReady(node) &&
  !isCordoned(node) &&
  !listAt(node, 'spec', 'taints').some(
    (taint) =>
      ['NoSchedule', 'NoExecute'].includes(textAt(taint, 'effect')) &&
      !followers.includes(textAt(taint, 'key')) &&
      !tolerations.some((toleration) => tolerates(toleration, taint)),
  )

/** Whether a Node takes Pods that tolerate no taint. Pure. */
export const takesPods = (node: Json): boolean => takesPod(node, [])

/** Toleration.ToleratesTaint of k8s.io/api/core/v1; a comparison of numbers (Gt, Lt, 1.35, alpha) counts as none. */
function tolerates(toleration: unknown, taint: unknown): boolean {
  const [effect, key] = [textAt(toleration, 'effect'), textAt(toleration, 'key')]
  if (effect !== '' && effect !== textAt(taint, 'effect')) return false
  if (key !== '' && key !== textAt(taint, 'key')) return false
  const operator = textAt(toleration, 'operator')
  if (operator === 'Exists') return true
  return (
    key !== '' && ['', 'Equal'].includes(operator) && textAt(toleration, 'value') === textAt(taint, 'value')
  )
}

/** Whether kubestrap cordoned a Node, in this run or in one that was cut. One that a person has uncordoned since counts too: the label goes. */
export const isCordonedByUs = (node: Json): boolean =>
  at(node, 'metadata', 'labels', cordonedLabel) !== undefined

/** Whether the kubelet of a Node says that it works, and is heard. */
export const isReady = (node: Json): boolean => condition(node, 'Ready') === 'True'

/** Between a Node's creation and its first status, by two clocks that may differ by five seconds. */
const firstStatusMs = 10_000

/**
 * Whether a Node was never Ready: a machine that is being made a node, on which nothing runs that could be missed. A
 * condition keeps its lastTransitionTime while its status stays (API conventions). One that does not say is not one.
 */
export function wasNeverReady(node: Json): boolean {
  if (isReady(node)) return false
  const since = Date.parse(textAt(conditionOf(node, 'Ready'), 'lastTransitionTime'))
  return since - Date.parse(textAt(node, 'metadata', 'creationTimestamp')) <= firstStatusMs
}

/** The merge patch that cordons a Node; undefined where it is cordoned already, by a person or by us. Pure. */
export function cordonPatch(node: Json, now: Date): Record<string, unknown> | undefined {
  if (isCordoned(node)) return undefined
  return {
    metadata: {
      // what was looked at: a person's cordon in between is a conflict, and stays theirs
      resourceVersion: textAt(node, 'metadata', 'resourceVersion'),
      labels: { [cordonedLabel]: String(Math.floor(now.getTime() / 1000)) },
    },
    spec: { unschedulable: true },
  }
}

/** The merge patch that takes a cordon of ours back. Pure. */
export function uncordonPatch(node: Json): Record<string, unknown> {
  return {
    metadata: {
      resourceVersion: textAt(node, 'metadata', 'resourceVersion'),
      labels: { [cordonedLabel]: null },
    },
    spec: { unschedulable: null },
  }
}

/**
 * The merge patch that cordons a Node as a person does: a cordon of ours becomes the person's, and no run of `up` takes it
 * back. Undefined where it is cordoned so already. Pure.
 */
export function personalCordonPatch(node: Json): Record<string, unknown> | undefined {
  if (isCordonedByPerson(node)) return undefined
  return { ...uncordonPatch(node), spec: { unschedulable: true } }
}

/** Whether a Node is cordoned, and not by kubestrap. */
export const isCordonedByPerson = (node: Json): boolean => isCordoned(node) && !isCordonedByUs(node)

/** Whether the kubelet of a Node is no longer heard: what it was told to end may still run, and nothing says so. */
export const isUnheard = (node: Json): boolean => condition(node, 'Ready') === 'Unknown'
