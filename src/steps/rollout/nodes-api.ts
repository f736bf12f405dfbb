import { ApiError } from '../../kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../../kubernetes/client/kube-client.js'
import { nameOf } from '../../kubernetes/read.js'

/** How often a write that another write came before is tried. */
const attempts = 8

export const nodeRef = (name: string) => ({ apiVersion: 'v1', kind: 'Node', metadata: { name } })

type Which = Parameters<KubeClient['list']>

const podsOn = (name: string): Which => [
  { apiVersion: 'v1', kind: 'Pod' },
  undefined,
  `fieldSelector=${encodeURIComponent(`spec.nodeName=${name}`)}`,
]

const nodes: Which = [{ apiVersion: 'v1', kind: 'Node' }]

/** What the API has of a node's Pods. */
export const podsOf = (client: KubeClient, name: string): Promise<readonly Json[]> =>
  client.list(...podsOn(name))

export const allNodes = (client: KubeClient): Promise<readonly Json[]> => client.list(...nodes)

/** Of the following, what is awaited: see KubeClient.watched. */
export const watchedPodsOf = (client: KubeClient, name: string): Promise<readonly Json[]> =>
  client.watched(...podsOn(name))

export const watchedNodes = (client: KubeClient): Promise<readonly Json[]> => client.watched(...nodes)

export const watchedNode = async (client: KubeClient, name: string): Promise<Json | undefined> =>
  (await watchedNodes(client)).find((node) => nameOf(node) === name)

/** What a watch tells, asked for once more where it would end the wait: nothing is decided by the word of a watch. */
export async function confirmed<Seen>(
  watched: () => Promise<Seen>,
  asked: () => Promise<Seen>,
  isOver: (seen: Seen) => boolean,
): Promise<Seen> {
  const seen = await watched()
  return isOver(seen) ? asked() : seen
}

/** Writes what is wanted of a Node as it is now, and again where somebody wrote in between; nothing of one that is gone. */
export async function patched(
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
