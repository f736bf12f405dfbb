import type { KubeClient } from '../kubernetes/client/kube-client.js'

/** What a look takes of the API. */
export type Listing = Pick<KubeClient, 'list'>

/**
 * A look that is repeated until it does not throw: the first time it asks, later it goes by a watch, and what is so by that
 * is asked for once more.
 */
export function watching<T>(kube: KubeClient, look: (kube: Listing) => Promise<T>): () => Promise<T> {
  let first = true
  return async () => {
    if (!first) await look({ list: kube.watched })
    first = false
    return look(kube)
  }
}
