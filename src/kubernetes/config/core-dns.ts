import type { ClusterSpec } from '../../inventory/spec.js'
import { template } from '../../lib/templates.js'
import { imageFor } from '../images.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { serviceAddress } from '../service-address.js'
import { configMap } from './config-map.js'
import { coreDnsDeployment } from './core-dns-deployment.js'
import { clusterRole, clusterRoleBinding } from './rbac.js'

const name = 'coredns'
const namespace = 'kube-system'

/** CoreDNS as kubeadm's add-on: account, rights, Corefile, Deployment, and Service kube-dns. */
export function coreDns(spec: ClusterSpec, release: Release): KubeObject[] {
  const form = release.coreDns
  const { dnsDomain, serviceSubnet } = spec.networking
  const cache = form.cache.map((line) => line.replaceAll('{domain}', dnsDomain)).join('\n    ')
  const watched = ['endpoints', 'services', 'pods', 'namespaces']
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } },
    clusterRole('system:coredns', [
      { apiGroups: [''], resources: watched, verbs: ['list', 'watch'] },
      ...form.rules,
    ]),
    clusterRoleBinding('system:coredns', 'system:coredns', [{ kind: 'ServiceAccount', name, namespace }]),
    configMap(name, { Corefile: template('coredns/Corefile', { domain: dnsDomain, cache }) }),
    coreDnsDeployment(form, imageFor('coredns', spec, release)),
    service(form.serviceName, serviceAddress(serviceSubnet, 10)),
  ]
}

function service(label: string, clusterIP: string): KubeObject {
  const port = (portName: string, number: number, protocol: 'UDP' | 'TCP') => ({
    name: portName,
    port: number,
    protocol,
    targetPort: number,
  })
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'kube-dns',
      namespace,
      labels: {
        'k8s-app': 'kube-dns',
        'kubernetes.io/cluster-service': 'true',
        'kubernetes.io/name': label,
      },
      annotations: { 'prometheus.io/port': '9153', 'prometheus.io/scrape': 'true' },
    },
    spec: {
      clusterIP,
      ports: [port('dns', 53, 'UDP'), port('dns-tcp', 53, 'TCP'), port('metrics', 9153, 'TCP')],
      selector: { 'k8s-app': 'kube-dns' },
    },
  }
}
