import { ApiError } from '../../kubernetes/client/api-error.js'
import { at, listAt, nameOf, textAt } from '../../kubernetes/read.js'
import type { Context } from '../context.js'
import type { Living } from './unchangeable.js'

/**
 * What the cluster says of itself; undefined when there is none yet, or when its API does not answer:
 * then `up` may be what brings it back.
 */
export async function readLiving(context: Context): Promise<Living | undefined> {
  try {
    const kube = await context.kube()
    const [config, nodes] = await Promise.all([
      kube.get({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
      }),
      kube.list({ apiVersion: 'v1', kind: 'Node' }),
    ])
    const clusterConfiguration = textAt(config, 'data', 'ClusterConfiguration')
    if (clusterConfiguration === '') return undefined
    return {
      clusterConfiguration,
      nodes: nodes.map((node) => ({
        name: nameOf(node),
        address: textAt(
          listAt(node, 'status', 'addresses').find((one) => textAt(one, 'type') === 'InternalIP'),
          'address',
        ),
        runtime: textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion'),
        controlPlane: Object.keys(context.release.node.labels).some(
          (label) => at(node, 'metadata', 'labels', label) !== undefined,
        ),
      })),
    }
  } catch (error) {
    // a clear no (the administrator's certificate was refused, say) is not a cluster that is away
    if (error instanceof ApiError && error.status < 500) throw error
    return undefined
  }
}
