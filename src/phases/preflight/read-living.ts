import { ApiError } from '../../kubernetes/client/api-error.js'
import type { Json } from '../../kubernetes/client/kube-client.js'
import { at, listAt, nameOf, textAt } from '../../kubernetes/read.js'
import type { Context } from '../context.js'
import type { Living } from './unchangeable.js'

/**
 * What lies on control planes alone: the API server's static pod, and the kubeconfig that is there before the
 * kubelet of one that joins makes its Node.
 */
const signs = ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/scheduler.conf']

/**
 * What the cluster says of itself; undefined when there is none yet, or when its API does not answer:
 * then `up` may be what brings it back.
 */
export async function readLiving(context: Context): Promise<Living | undefined> {
  try {
    const [[config, nodes], carriers] = await Promise.all([askCluster(context), controlPlanesByFile(context)])
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
        // the label comes after the node: a run cut in between leaves a control plane without it
        controlPlane:
          carriers.has(nameOf(node)) ||
          Object.keys(context.release.node.labels).some(
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

async function askCluster(context: Context): Promise<[config: Json | undefined, nodes: readonly Json[]]> {
  const kube = await context.kube()
  return Promise.all([
    kube.get({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'kubeadm-config', namespace: 'kube-system' },
    }),
    kube.list({ apiVersion: 'v1', kind: 'Node' }),
  ])
}

/** Names of the machines on which an API server is to run. */
async function controlPlanesByFile({ machines }: Context): Promise<ReadonlySet<string>> {
  const found = await Promise.all(
    machines.map(async ({ host, spec }) => {
      const states = await Promise.all(signs.map((path) => host.stat(path)))
      return states.some(({ kind }) => kind === 'file') ? [spec.name] : []
    }),
  )
  return new Set(found.flat())
}
