import type { ClusterSpec } from '../../inventory/spec.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { renderYaml } from '../render-yaml.js'
import { hostPort } from '../service-address.js'
import { configMap } from './config-map.js'

/**
 * ConfigMap kube-public/cluster-info: what anybody may know of the cluster, signed by the controller
 * manager with each bootstrap token.
 * @param caPem the cluster's authority
 */
export function clusterInfo(spec: ClusterSpec, release: Release, caPem: string): KubeObject {
  const { host, port } = spec.endpoint
  const kubeconfig = renderYaml({
    apiVersion: 'v1',
    clusters: [
      {
        cluster: {
          'certificate-authority-data': Buffer.from(caPem).toString('base64'),
          server: `https://${hostPort(host, port)}`,
        },
        name: '',
      },
    ],
    contexts: null,
    'current-context': '',
    kind: 'Config',
    ...(release.kubeconfig.preferences ? { preferences: {} } : {}),
    users: null,
  })
  return configMap('cluster-info', { kubeconfig }, { namespace: 'kube-public' })
}
