import type { KubeObject } from '../../kubernetes/kube-object.js'
import type { NetworkSettings } from '../network.js'

/** Where and what flannel's own manifest names them, so that its documentation holds. */
const namespace = 'kube-flannel'
const name = 'flannel'
const configMap = 'kube-flannel-cfg'
const daemonSet = 'kube-flannel-ds'
export const flannelImages = {
  daemon: 'ghcr.io/flannel-io/flannel:v0.27.4',
  plugin: 'ghcr.io/flannel-io/flannel-cni-plugin:v1.8.0-flannel1',
}
const labels = { app: 'flannel', tier: 'node', 'k8s-app': 'flannel' }

/** flannel as its project's manifest has it: namespace, rights, configuration, DaemonSet. */
export function flannelObjects(settings: NetworkSettings): KubeObject[] {
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1' }
  const data = { 'cni-conf.json': cniConfiguration(), 'net-conf.json': netConfiguration(settings) }
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      // hostNetwork and NET_ADMIN are beyond what Pod Security lets others have
      metadata: { name: namespace, labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    {
      ...rbac,
      kind: 'ClusterRole',
      metadata: { name },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get'] },
        { apiGroups: [''], resources: ['nodes'], verbs: ['get', 'list', 'watch'] },
        { apiGroups: [''], resources: ['nodes/status'], verbs: ['patch'] },
      ],
    },
    {
      ...rbac,
      kind: 'ClusterRoleBinding',
      metadata: { name },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
      subjects: [{ kind: 'ServiceAccount', name, namespace }],
    },
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: configMap, namespace, labels },
      data,
    },
    {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: daemonSet, namespace, labels },
      spec: {
        selector: { matchLabels: { app: labels.app } },
        template: { metadata: { labels }, spec: podSpec() },
      },
    },
  ]
}

function cniConfiguration(): string {
  return json({
    name: 'cbr0',
    cniVersion: '0.3.1',
    plugins: [
      { type: 'flannel', delegate: { hairpinMode: true, isDefaultGateway: true } },
      { type: 'portmap', capabilities: { portMappings: true } },
    ],
  })
}

/** flannel's "configuration" documentation: Network or IPv6Network, and the backend. */
function netConfiguration({ podSubnet, flannel }: NetworkSettings): string {
  const family = podSubnet.includes(':')
    ? { EnableIPv4: false, EnableIPv6: true, IPv6Network: podSubnet }
    : { Network: podSubnet, EnableNFTables: false }
  return json({ ...family, Backend: { Type: flannel.backend } })
}

function podSpec(): Record<string, unknown> {
  const copy = (container: string, image: string, from: string, to: string, volume: object) => ({
    name: container,
    image,
    command: ['cp'],
    args: ['-f', from, to],
    volumeMounts: [
      volume,
      ...(from.startsWith('/etc/') ? [{ name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' }] : []),
    ],
  })
  const field = (variable: string, fieldPath: string) => ({
    name: variable,
    valueFrom: { fieldRef: { fieldPath } },
  })
  const hostPath = (volume: string, path: string, type?: string) => ({
    name: volume,
    hostPath: { path, ...(type ? { type } : {}) },
  })
  return {
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [
            { matchExpressions: [{ key: 'kubernetes.io/os', operator: 'In', values: ['linux'] }] },
          ],
        },
      },
    },
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
    serviceAccountName: name,
    initContainers: [
      copy('install-cni-plugin', flannelImages.plugin, '/flannel', '/opt/cni/bin/flannel', {
        name: 'cni-plugin',
        mountPath: '/opt/cni/bin',
      }),
      copy(
        'install-cni',
        flannelImages.daemon,
        '/etc/kube-flannel/cni-conf.json',
        '/etc/cni/net.d/10-flannel.conflist',
        {
          name: 'cni',
          mountPath: '/etc/cni/net.d',
        },
      ),
    ],
    containers: [
      {
        name: 'kube-flannel',
        image: flannelImages.daemon,
        command: ['/opt/bin/flanneld'],
        args: ['--ip-masq', '--kube-subnet-mgr'],
        resources: { requests: { cpu: '100m', memory: '50Mi' } },
        securityContext: { privileged: false, capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
        env: [
          field('POD_NAME', 'metadata.name'),
          field('POD_NAMESPACE', 'metadata.namespace'),
          { name: 'EVENT_QUEUE_DEPTH', value: '5000' },
        ],
        volumeMounts: [
          { name: 'run', mountPath: '/run/flannel' },
          { name: 'flannel-cfg', mountPath: '/etc/kube-flannel/' },
          { name: 'xtables-lock', mountPath: '/run/xtables.lock' },
        ],
      },
    ],
    volumes: [
      hostPath('run', '/run/flannel'),
      hostPath('cni-plugin', '/opt/cni/bin'),
      hostPath('cni', '/etc/cni/net.d'),
      { name: 'flannel-cfg', configMap: { name: configMap } },
      hostPath('xtables-lock', '/run/xtables.lock', 'FileOrCreate'),
    ],
  }
}

const json = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
