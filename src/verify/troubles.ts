import { type Context, nodes } from '../cluster/context.js'
import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { NotSoYet } from './check.js'
import { nodesReady } from './nodes-ready.js'
import { systemPodsReady } from './system-pods.js'

/** What a first look shows to be wrong: nodes and system pods that are not Ready, with their reasons. [] when nothing is. */
export async function troubles(context: Context, kube: KubeClient): Promise<string[]> {
  const names = nodes(context).map(({ spec }) => spec.name)
  const found = await Promise.all(
    [nodesReady(kube, names), systemPodsReady(context, kube)].map((look) =>
      look.then(
        () => [],
        (error: unknown) => {
          if (error instanceof NotSoYet) return error.message.split('; ')
          throw error
        },
      ),
    ),
  )
  return found.flat()
}
