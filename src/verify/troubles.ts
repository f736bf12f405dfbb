import type { KubeClient } from '../kubernetes/client/kube-client.js'
import { type Context, controlPlanes, nodes } from '../phases/context.js'
import { NotSoYet } from './check.js'
import { staticPodNames } from './control-plane-running.js'
import { nodesReady } from './nodes-ready.js'
import { systemPodsReady } from './system-pods.js'

/** What a first look shows to be wrong: nodes and system pods that are not Ready, with their reasons. [] when nothing is. */
export async function troubles(context: Context, kube: KubeClient): Promise<string[]> {
  const names = nodes(context).map(({ spec }) => spec.name)
  const mirrors = controlPlanes(context).flatMap(({ spec }) =>
    staticPodNames(context).map((pod) => `${pod}-${spec.name}`),
  )
  const found = await Promise.all(
    [nodesReady(kube, names), systemPodsReady(kube, mirrors, names.length)].map((look) =>
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
