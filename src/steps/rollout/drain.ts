import type { RolloutSpec } from '../../inventory/spec.js'
import { ApiError } from '../../kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'
import { UserError } from '../../lib/errors.js'
import { cordonPatch, isCordonedByUs, takesPods, uncordonPatch } from './cordon.js'
import { evictable, type Leaving } from './evictable.js'

/** What a drain takes besides the cluster. */
export interface DrainSettings extends Pick<RolloutSpec, 'drain'> {
  /** "policy/v1" */
  eviction: string
  now(): Date
  sleep(ms: number): Promise<void>
  progress(message: string): void
}

/** How often a write that another write came before is tried, and how often Pods are looked for. */
const attempts = 8
const everyMs = 1000

export const nodeRef = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

/** What the API has of a node's Pods. */
const podsOf = (client: KubeClient, name: string): Promise<readonly Json[]> =>
  client.list(
    { apiVersion: 'v1', kind: 'Pod' },
    undefined,
    `fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`,
  )

/**
 * Cordons a node and evicts its Pods, as `kubectl drain` does, within the budgets of their PodDisruptionBudgets. Nothing
 * is evicted where a Pod would be lost. Where no other node takes Pods nothing would come of it: the node stays as it is.
 * @throws UserError with the Pods that keep it from going on; the node stays cordoned, with our mark
 */
export async function drain(client: KubeClient, name: string, settings: DrainSettings): Promise<void> {
  const others = await client.list({ apiVersion: 'v1', kind: 'Node' })
  if (!others.some((node) => nameOf(node) !== name && takesPods(node))) {
    settings.progress('no other node takes its Pods: they stay')
    return
  }
  const before = evictable(await podsOf(client, name), settings.drain)
  if (before.refused.length > 0) throw refusal(name, before.refused)
  await patched(client, name, (node) => cordonPatch(node, settings.now()))
  const deadline = settings.now().getTime() + settings.drain.timeoutMs
  let held = new Map<string, string>()
  let told = ''
  const asked = new Set<string>()
  for (;;) {
    const { leaving, refused } = evictable(await podsOf(client, name), settings.drain)
    if (refused.length > 0) throw refusal(name, refused)
    if (leaving.length === 0) return
    const waiting = leaving.map(({ namespace, name: pod }) => `${namespace}/${pod}`).join(', ')
    if (settings.now().getTime() >= deadline)
      throw new UserError('step', `${name} was not drained within ${settings.drain.timeoutMs / 1000} s`, {
        host: name,
        why: [...held.values()].join('\n') || `still running: ${waiting}`,
        next: 'the node stays cordoned until the next run; make room for its Pods on other nodes, change the PodDisruptionBudget, or raise rollout.drain.timeout',
      })
    held = await evictAll(client, leaving, asked, settings.eviction)
    const line =
      held.size > 0 ? `eviction must wait: ${[...held.values()].join('; ')}` : `evicting ${waiting}`
    if (line !== told) settings.progress(line)
    told = line
    await settings.sleep(everyMs)
  }
}

/** Asks for the eviction of each Pod once it was not asked yet; why those that may not leave now may not, by Pod. */
async function evictAll(
  client: KubeClient,
  leaving: readonly Leaving[],
  asked: Set<string>,
  eviction: string,
): Promise<Map<string, string>> {
  const held = new Map<string, string>()
  await Promise.all(
    leaving
      .filter(({ uid }) => !asked.has(uid))
      .map(async (pod) => {
        try {
          await client.evict(pod, eviction)
          asked.add(pod.uid)
        } catch (error) {
          if (!(error instanceof ApiError && error.status === 429)) throw error
          held.set(pod.uid, `${pod.namespace}/${pod.name}: ${error.message}`)
        }
      }),
  )
  return held
}

const refusal = (name: string, refused: readonly string[]): UserError =>
  new UserError('step', `${name} cannot be drained`, {
    host: name,
    why: refused.join('\n'),
    next: 'delete these Pods, or allow their loss: rollout.drain.force for Pods without a controller, rollout.drain.deleteEmptyDirData for emptyDir volumes',
  })

/** Takes a cordon of kubestrap's back. A node that is cordoned by a person stays so; one that is gone is fine. */
export async function uncordon(client: KubeClient, name: string): Promise<void> {
  await patched(client, name, (node) => (isCordonedByUs(node) ? uncordonPatch(node) : undefined))
}

/** Writes what is wanted of a Node as it is now, and again where somebody wrote in between. */
async function patched(
  client: KubeClient,
  name: string,
  patchOf: (node: Json) => Record<string, unknown> | undefined,
): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const node = await client.get(nodeRef(name))
    const patch = node && patchOf(node)
    if (patch === undefined) return
    try {
      await client.patch(nodeRef(name), patch)
      return
    } catch (error) {
      if (!(error instanceof ApiError && error.status === 409 && attempt < attempts)) throw error
    }
  }
}
