import type { RolloutSpec } from '../../inventory/spec.js'
import { ApiError } from '../../kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'
import { isBug, NoAnswer, UserError } from '../../lib/errors.js'
import { cordonPatch, isCordonedByUs, isUnheard, takesPod, takesPods, uncordonPatch } from './cordon.js'
import { type DrainWords, inRollout } from './drain-words.js'
import { evictable, type Leaving, tolerationsOf } from './evictable.js'
import { allNodes, confirmed, nodeRef, patched, podsOf, watchedNode, watchedPodsOf } from './nodes-api.js'

/** What a drain takes besides the cluster. */
export interface DrainSettings extends Pick<RolloutSpec, 'drain'> {
  /** "policy/v1" */
  eviction: string
  now(): Date
  sleep(ms: number): Promise<void>
  progress(message: string): void
  /** Ends the wait for Pods when it is aborted. */
  signal?: AbortSignal | undefined
  /** Why nothing more may be changed: another run has the cluster. */
  ended?: (() => string | undefined) | undefined
  /** What errors tell the reader to do. Default: that of a rollout. */
  words?: DrainWords
  /** Which Pods of the node are looked at. Default: all. */
  only?(pod: Json): boolean
}

/** How often Pods are looked for, and how often evictions that must wait are asked for again. */
const everyMs = 250
const againMs = 1000

/**
 * Cordons a node and evicts its Pods, as `kubectl drain` does, within the budgets of their PodDisruptionBudgets. Nothing
 * is evicted where a Pod would be lost. A Pod that no other node takes stays, since nothing would come of its eviction; where
 * that holds for all Pods, the node stays as it is.
 * @throws UserError with the Pods that keep it from going on; the node stays cordoned, with our mark
 */
export async function drain(client: KubeClient, name: string, settings: DrainSettings): Promise<void> {
  const [nodes, pods] = await Promise.all([allNodes(client), podsOf(client, name)])
  const others = nodes.filter((node) => nameOf(node) !== name)
  const only = (pod: Json): boolean => others.some((node) => takesPod(node, tolerationsOf(pod)))
  const { leaving, refused } = evictable(pods.filter(only), settings.drain)
  const stay = evictable(pods, settings.drain).leaving.filter(
    ({ uid }) => !leaving.some((one) => one.uid === uid),
  )
  if (leaving.length === 0 && !others.some(takesPods)) {
    settings.progress('no other node takes its Pods: they stay')
    return
  }
  if (refused.length > 0) throw refusal(name, refused, settings.words)
  await patched(client, name, (node) => cordonPatch(node, settings.now()))
  if (stay.length > 0) settings.progress(`no other node takes ${countedPods(stay)}: they stay`)
  await evictPods(client, name, { ...settings, only })
}

/**
 * Evicts the Pods of a node that is cordoned, and waits until they have left. Of a node whose kubelet is not heard it is
 * enough that they are to be deleted: nothing will tell that they have ended.
 * @throws UserError with the Pods that keep it from going on, when their time is over, or when it is told to stop
 */
export async function evictPods(client: KubeClient, name: string, settings: DrainSettings): Promise<void> {
  const { now, progress, signal, ended, words = inRollout } = settings
  const deadline = now().getTime() + settings.drain.timeoutMs
  let held = new Map<string, string>()
  let told = ''
  const asked = new Set<string>()
  const seen = new Set<string>()
  let again = 0
  for (let first = true; ; first = false) {
    const late = now().getTime() >= deadline
    const ask = (look = asking) => stillThere(client, name, settings, look)
    const { leaving, refused } =
      first || late
        ? await ask()
        : await confirmed(
            () => ask(watching),
            ask,
            (seen) => seen.leaving.length === 0,
          )
    if (refused.length > 0) throw refusal(name, refused, words)
    if (leaving.length === 0) return
    const waiting = leaving.map(shownPod).join(', ')
    if (signal?.aborted)
      throw new UserError('interrupted', `the drain of ${name} was interrupted`, {
        host: name,
        why: `${name} is cordoned; still on it: ${waiting}`,
        next: words.again(name),
      })
    const over = ended?.()
    if (over !== undefined)
      throw new UserError('step', `the drain of ${name} was ended`, { host: name, why: over })
    if (late)
      throw new UserError('step', `${name} was not drained within ${settings.drain.timeoutMs / 1000} s`, {
        host: name,
        why: [...held.values()].join('\n') || `still running: ${waiting}`,
        next: words.late(name),
      })
    if (now().getTime() >= again) {
      held = await evictAll(client, leaving, asked, settings.eviction)
      again = now().getTime() + againMs
    }
    for (const { uid } of leaving) seen.add(uid)
    const gone = seen.size - leaving.length
    const count = gone > 0 ? `${gone} of ${seen.size} Pods evicted; ` : ''
    const line = `${count}${held.size > 0 ? `eviction must wait: ${[...held.values()].join('; ')}` : `evicting ${waiting}`}`
    if (line !== told) progress(line)
    told = line
    await settings.sleep(everyMs)
  }
}

/** "namespace/name", as messages name a Pod. */
export const shownPod = ({ namespace, name }: Leaving): string => `${namespace}/${name}`

/** Pods that a line names. */
const shown = 5

/** "2 Pods: default/a, default/b", as messages tell of several Pods. */
export function countedPods(leaving: readonly Leaving[]): string {
  const names = leaving.slice(0, shown).map(shownPod).sort()
  const more = leaving.length > shown ? ` and ${leaving.length - shown} more` : ''
  return `${leaving.length} ${leaving.length === 1 ? 'Pod' : 'Pods'}: ${names.join(', ')}${more}`
}

const asking = { node: (client: KubeClient, name: string) => client.get(nodeRef(name)), pods: podsOf }
const watching: typeof asking = { node: watchedNode, pods: watchedPodsOf }

/** The Pods that are to leave a node and have not. */
export async function stillThere(
  client: KubeClient,
  name: string,
  { drain, only }: Pick<DrainSettings, 'drain' | 'only'>,
  look = asking,
): Promise<{ leaving: Leaving[]; refused: string[] }> {
  const [node, pods] = await Promise.all([look.node(client, name), look.pods(client, name)])
  const { leaving, refused } = evictable(only ? pods.filter(only) : pods, drain)
  const unheard = node !== undefined && isUnheard(node)
  return { leaving: unheard ? leaving.filter(({ ending }) => !ending) : leaving, refused }
}

/**
 * Asks for the eviction of each Pod once, unless it is to be deleted already; why those that may not leave now may not,
 * by Pod.
 */
async function evictAll(
  client: KubeClient,
  leaving: readonly Leaving[],
  asked: Set<string>,
  eviction: string,
): Promise<Map<string, string>> {
  const held = new Map<string, string>()
  await Promise.all(
    leaving
      .filter(({ uid, ending }) => !ending && !asked.has(uid))
      .map(async (pod) => {
        try {
          await client.evict(pod, eviction)
          asked.add(pod.uid)
        } catch (error) {
          if (!mayLeaveLater(error)) throw error
          held.set(pod.uid, `${shownPod(pod)}: ${error.message}`)
        }
      }),
  )
  return held
}

/**
 * The eviction is to be asked for again: a budget does not allow it now; or the namespace of the Pod is being deleted and
 * its Pod is not yet, of which no eviction is taken (kubectl drain waits for the deletion, too: its drain.go); or the API server
 * could not answer, as while etcd elects a leader. It is safe to repeat: the UID of the Pod is a precondition.
 */
function mayLeaveLater(error: unknown): error is Error {
  if (isBug(error) || !(error instanceof Error)) return false
  if (error instanceof ApiError)
    return (
      error.status === 429 ||
      error.status >= 500 ||
      (error.status === 403 && error.causes.includes('NamespaceTerminating'))
    )
  return error instanceof NoAnswer || !(error instanceof UserError)
}

/** Why a node is not drained: Pods would be lost. */
export const refusal = (name: string, refused: readonly string[], words = inRollout): UserError =>
  new UserError('step', `${name} cannot be drained`, {
    host: name,
    why: refused.join('\n'),
    next: words.loss,
  })

/** Takes a cordon of kubestrap's back. A node that is cordoned by a person stays so; one that is gone is fine. */
export async function uncordon(client: KubeClient, name: string): Promise<void> {
  await patched(client, name, (node) => (isCordonedByUs(node) ? uncordonPatch(node) : undefined))
}
