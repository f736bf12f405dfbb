import { expect, test } from 'vitest'
import { coreDns } from '../../../src/kubernetes/config/core-dns.js'
import { clusterConfiguration } from '../../../src/kubernetes/config/kubeadm-config.js'
import { kubeletFlags } from '../../../src/kubernetes/config/kubelet.js'
import { nodeMarks } from '../../../src/kubernetes/config/node-marks.js'
import { staticPods } from '../../../src/kubernetes/manifests/static-pods.js'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

/**
 * What of 1.24 can be compared with a kubeadm that ran: a `kubeadm init --dry-run` of 1.24.3 with cri-dockerd that
 * somebody published (its patch release still had k8s.gcr.io). There is no golden data of minors between 1.20 and 1.31.
 */
const release = releaseFor('1.24.3')
const spec = clusterSpec({ version: '1.24.3', minor: '1.24', imageRepository: undefined })
const host = hostSpec()

test('ClusterConfiguration', () => {
  expect(clusterConfiguration(spec, release)).toMatchObject({
    apiVersion: 'kubeadm.k8s.io/v1beta3',
    apiServer: { extraArgs: { 'authorization-mode': 'Node,RBAC' }, timeoutForControlPlane: '4m0s' },
    controllerManager: {},
    dns: {},
    scheduler: {},
  })
})

test('KubeletConfiguration', () => {
  const { defaults } = release.kubelet
  expect(defaults).toMatchObject({
    cgroupDriver: 'systemd',
    logging: { flushFrequency: 0, options: { json: { infoBufferSize: '0' } }, verbosity: 0 },
    memorySwap: {},
  })
  const { options } = Object(defaults.logging)
  expect(Object.keys(options)).toEqual(['json'])
  for (const later of ['containerRuntimeEndpoint', 'crashLoopBackOff', 'imageMaximumGCAge'])
    expect(defaults).not.toHaveProperty(later)
})

test('flags of the kubelet', () => {
  const runtime = { id: 'docker', criSocket: 'unix:///var/run/cri-dockerd.sock' }
  expect(kubeletFlags(spec, host, release, runtime, false)).toBe(
    `KUBELET_KUBEADM_ARGS="--container-runtime=remote --container-runtime-endpoint=unix:///var/run/cri-dockerd.sock --pod-infra-container-image=${release.images.repository}/pause:3.7"\n`,
  )
})

test('KubeProxyConfiguration', () => {
  const { defaults } = release.kubeProxy
  expect(Object.keys(defaults).sort().join(' ')).toBe(
    'apiVersion bindAddressHardFail clientConnection configSyncPeriod conntrack detectLocal detectLocalMode enableProfiling healthzBindAddress hostnameOverride iptables ipvs kind metricsBindAddress mode nodePortAddresses oomScoreAdj portRange showHiddenMetricsForVersion udpIdleTimeout winkernel',
  )
  expect(defaults).toMatchObject({
    detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
    winkernel: {
      enableDSR: false,
      forwardHealthCheckVip: false,
      networkName: '',
      rootHnsEndpointName: '',
      sourceVip: '',
    },
  })
  expect(defaults.iptables).toEqual({
    masqueradeAll: false,
    masqueradeBit: null,
    minSyncPeriod: '0s',
    syncPeriod: '0s',
  })
})

test('CoreDNS', () => {
  const objects = coreDns(spec, release)
  const of = (kind: string) => objects.find((object) => object.kind === kind)
  expect(of('ClusterRole')?.rules).toEqual([
    { apiGroups: [''], resources: ['endpoints', 'services', 'pods', 'namespaces'], verbs: ['list', 'watch'] },
    { apiGroups: [''], resources: ['nodes'], verbs: ['get'] },
    { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] },
  ])
  expect(of('Service')?.metadata).toMatchObject({ labels: { 'kubernetes.io/name': 'CoreDNS' } })
  const deployment = JSON.stringify(of('Deployment'))
  expect(deployment).toContain('"drop":["all"]')
  expect(deployment).toContain('/coredns/coredns:v1.8.6"')
  expect(deployment).not.toContain('affinity')
  expect(deployment).toContain('node-role.kubernetes.io/master')
})

test('static Pods and marks of the node', () => {
  for (const [name, pod] of staticPods(spec, host, release, { caDirectories: [] })) {
    expect([name, pod.spec]).toMatchObject([
      name,
      { hostNetwork: true, securityContext: { seccompProfile: { type: 'RuntimeDefault' } } },
    ])
    expect(pod.spec).not.toHaveProperty('priority')
  }
  const { labels, taints } = nodeMarks(spec, host, release)
  expect(labels).toEqual({
    'node-role.kubernetes.io/control-plane': '',
    'node.kubernetes.io/exclude-from-external-load-balancers': '',
  })
  expect(taints).toEqual([
    { effect: 'NoSchedule', key: 'node-role.kubernetes.io/master' },
    { effect: 'NoSchedule', key: 'node-role.kubernetes.io/control-plane' },
  ])
})
