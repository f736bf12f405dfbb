import type { KubeObject } from '../kube-object.js'
import type { CoreDnsForm } from '../releases/release.js'

const labels = { 'k8s-app': 'kube-dns' }

/** CoreDNS's Deployment: two replicas that prefer to be apart where the release says so. */
export function coreDnsDeployment(form: CoreDnsForm, image: string): KubeObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'coredns', namespace: 'kube-system', labels },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
      template: {
        metadata: { labels },
        spec: {
          ...(form.antiAffinity ? { affinity } : {}),
          containers: [container(form, image)],
          dnsPolicy: 'Default',
          nodeSelector: { 'kubernetes.io/os': 'linux' },
          priorityClassName: 'system-cluster-critical',
          serviceAccountName: 'coredns',
          tolerations: [
            { key: 'CriticalAddonsOnly', operator: 'Exists' },
            ...form.tolerations.map((key) => ({ key, effect: 'NoSchedule' })),
          ],
          volumes: [
            {
              name: 'config-volume',
              configMap: { name: 'coredns', items: [{ key: 'Corefile', path: 'Corefile' }] },
            },
          ],
        },
      },
    },
  }
}

const affinity = {
  podAntiAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        podAffinityTerm: {
          labelSelector: {
            matchExpressions: [{ key: 'k8s-app', operator: 'In', values: ['kube-dns'] }],
          },
          topologyKey: 'kubernetes.io/hostname',
        },
        weight: 100,
      },
    ],
  },
}

function container(form: CoreDnsForm, image: string): Record<string, unknown> {
  const named = form.namedProbePorts
  const port = (name: string, containerPort: number, protocol = 'TCP') => ({ name, containerPort, protocol })
  return {
    name: 'coredns',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['-conf', '/etc/coredns/Corefile'],
    ports: [
      port('dns', 53, 'UDP'),
      port('dns-tcp', 53),
      port('metrics', 9153),
      ...(named ? [port('liveness-probe', 8080), port('readiness-probe', 8181)] : []),
    ],
    livenessProbe: {
      httpGet: { path: '/health', port: named ? 'liveness-probe' : 8080, scheme: 'HTTP' },
      failureThreshold: 5,
      initialDelaySeconds: 60,
      successThreshold: 1,
      timeoutSeconds: 5,
    },
    readinessProbe: {
      httpGet: { path: '/ready', port: named ? 'readiness-probe' : 8181, scheme: 'HTTP' },
    },
    resources: { limits: { memory: '170Mi' }, requests: { cpu: '100m', memory: '70Mi' } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { add: ['NET_BIND_SERVICE'], drop: [form.dropCapability] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [{ mountPath: '/etc/coredns', name: 'config-volume', readOnly: true }],
  }
}
