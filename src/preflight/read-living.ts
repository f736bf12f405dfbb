import { servedRelease } from '../cluster/cluster-release.js'
import type { Context } from '../cluster/context.js'
import { ApiError } from '../kubernetes/client/api-error.js'
import type { Json } from '../kubernetes/client/kube-client.js'
import { at, condition, internalAddress, nameOf, textAt } from '../kubernetes/read.js'
import { isBug, messageOf, NoAnswer } from '../lib/errors.js'
import type { Living } from './unchangeable.js'

/**
 * What lies on control planes alone: the API server's static pod, and the kubeconfig that is there before the
 * kubelet of one that joins makes its Node.
 */
const signs = ['/etc/kubernetes/manifests/kube-apiserver.yaml', '/etc/kubernetes/scheduler.conf']

/** What the API tells, or why it does not. */
export type Answer = { living: Living } | { silence: string }

/**
 * What the cluster says of itself. One that gives no answer, that refuses the administrator, or that does not know
 * its own configuration yet, is silent: `up` may be what brings it back, and disks tell (read-on-disk.ts).
 */
export async function readLiving(context: Context): Promise<Answer> {
  try {
    const [[config, nodes], carriers] = await Promise.all([askCluster(context), controlPlanesByFile(context)])
    const clusterConfiguration = textAt(config, 'data', 'ClusterConfiguration')
    if (clusterConfiguration === '') return { silence: 'it has no ConfigMap kube-system/kubeadm-config' }
    const living = {
      clusterConfiguration,
      nodes: nodes.map((node) => ({
        name: nameOf(node),
        address: internalAddress(node),
        ready: condition(node, 'Ready') === 'True',
        runtime: textAt(node, 'status', 'nodeInfo', 'containerRuntimeVersion'),
        kubelet: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
        // the label comes after the node: a run cut in between leaves a control plane without it
        controlPlane:
          carriers.has(nameOf(node)) ||
          Object.keys(servedRelease(context).node.labels).some(
            (label) => at(node, 'metadata', 'labels', label) !== undefined,
          ),
      })),
    }
    return { living }
  } catch (error) {
    if (isBug(error)) throw error
    if (error instanceof NoAnswer) throw error
    if (error instanceof ApiError && (error.status === 401 || error.status === 403))
      return { silence: `${error.message}: the API refuses the administrator of /etc/kubernetes/admin.conf` }
    return { silence: messageOf(error) }
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
