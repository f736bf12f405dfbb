import type { ClusterSpec } from '../../inventory/spec.js'
import { deepMerge } from '../../lib/deep-merge.js'
import { template } from '../../lib/templates.js'
import { imageFor } from '../images.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { renderYaml } from '../render-yaml.js'
import { hostPort } from '../service-address.js'
import { configMap } from './config-map.js'
import { bootstrappers, clusterRoleBinding, configMapReaders } from './rbac.js'

const name = 'kube-proxy'
const namespace = 'kube-system'

/** kube-proxy as kubeadm's add-on: account, rights, configuration, DaemonSet. */
export function kubeProxy(spec: ClusterSpec, release: Release): KubeObject[] {
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    clusterRoleBinding('kubeadm:node-proxier', 'system:node-proxier', [
      { kind: 'ServiceAccount', name, namespace },
    ]),
    ...configMapReaders(name, name, [bootstrappers]),
    kubeProxyConfigMap(spec, release),
    daemonSet(spec, release),
  ]
}

function kubeProxyConfigMap(spec: ClusterSpec, release: Release): KubeObject {
  const { podSubnet, serviceSubnet } = spec.networking
  const ours = deepMerge(release.kubeProxy.defaults, {
    bindAddress: serviceSubnet.split(',')[0]?.includes(':') ? '::' : '0.0.0.0',
    clusterCIDR: podSubnet,
  })
  const server = `https://${hostPort(spec.endpoint.host, spec.endpoint.port)}`
  // kubeadm's template leaves no newline at the end, and the hash is over the bytes
  const data = {
    'config.conf': renderYaml(deepMerge(ours, spec.kubeProxy.config)).trimEnd(),
    'kubeconfig.conf': template('kube-proxy/kubeconfig.conf', { server }).trimEnd(),
  }
  const hash = Object.keys(spec.kubeProxy.config).length === 0
  return configMap(name, data, { labels: { app: name }, hash })
}

function daemonSet(spec: ClusterSpec, release: Release): KubeObject {
  const labels = { 'k8s-app': name }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace, labels },
    spec: {
      selector: { matchLabels: labels },
      updateStrategy: { type: 'RollingUpdate' },
      template: {
        metadata: { labels },
        spec: {
          containers: [container(imageFor('kube-proxy', spec, release))],
          hostNetwork: true,
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          priorityClassName: 'system-node-critical',
          serviceAccountName: name,
          tolerations: release.kubeProxy.tolerations,
          volumes: [
            { name, configMap: { name } },
            { name: 'xtables-lock', hostPath: { path: '/run/xtables.lock', type: 'FileOrCreate' } },
            { name: 'lib-modules', hostPath: { path: '/lib/modules' } },
          ],
        },
      },
    },
  }
}

const container = (image: string): Record<string, unknown> => ({
  name,
  image,
  imagePullPolicy: 'IfNotPresent',
  command: [
    '/usr/local/bin/kube-proxy',
    '--config=/var/lib/kube-proxy/config.conf',
    '--hostname-override=$(NODE_NAME)',
  ],
  env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  resources: {},
  securityContext: { privileged: true },
  volumeMounts: [
    { mountPath: '/var/lib/kube-proxy', name },
    { mountPath: '/run/xtables.lock', name: 'xtables-lock' },
    { mountPath: '/lib/modules', name: 'lib-modules', readOnly: true },
  ],
})
