import { kubeletDefaults, kubeProxyDefaults, loggingDefaults } from './component-defaults.js'
import { kubeProxyFields } from './kube-proxy-fields.js'
import { kubeletFields } from './kubelet-fields.js'
import type { Release } from './release.js'
import { v1_20 } from './v1-20.js'

/** Kubernetes 1.36: kubeadm's output at 1.36.2. */
export const v1_36: Release = {
  minor: '1.36',
  minimumEtcd: '3.5.24',
  images: {
    repository: 'registry.k8s.io',
    etcd: '3.6.8-0',
    pause: '3.10.2',
    coredns: 'v1.14.2',
    corednsPath: 'coredns/coredns',
  },
  clusterConfiguration: {
    apiVersion: 'kubeadm.k8s.io/v1beta4',
    defaults: {
      apiServer: {},
      caCertificateValidityPeriod: '87600h0m0s',
      certificateValidityPeriod: '8760h0m0s',
      dns: {},
      encryptionAlgorithm: 'RSA-2048',
      proxy: {},
    },
    extraArgs: 'list',
    httpEndpoints: true,
    dnsDisabled: true,
    clusterStatus: false,
  },
  certificates: {
    adminOrganization: 'kubeadm:cluster-admins',
    kubeletClientOrganization: undefined,
    etcdClientOrganization: undefined,
    leafBasicConstraints: true,
    authorityDnsName: true,
  },
  kubeconfig: { superAdmin: true, preferences: false, kubeletLocal: true },
  staticPods: {
    ...v1_20.staticPods,
    creationTimestamp: false,
    podSpec: {
      ...v1_20.staticPods.podSpec,
      priority: 2_000_001_000,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
    },
    namedProbePort: true,
    caDirectories: [
      '/etc/pki/ca-trust',
      '/etc/pki/tls/certs',
      '/usr/share/ca-certificates',
      '/usr/local/share/ca-certificates',
      '/etc/ca-certificates',
    ],
    flexVolumeDirectory: undefined,
    flags: {
      etcd: { 'feature-gates': 'InitialCorruptCheck=true', 'watch-progress-notify-interval': '5s' },
      'kube-apiserver': {},
      'kube-controller-manager': {},
      'kube-scheduler': {},
    },
    probes: {
      ...v1_20.staticPods.probes,
      etcd: { liveness: '/livez', readiness: '/readyz', startup: '/readyz' },
      'kube-scheduler': { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
    },
    requests: { ...v1_20.staticPods.requests, etcd: { cpu: '100m', memory: '100Mi' } },
  },
  kubelet: {
    configMap: 'kubelet-config',
    fields: kubeletFields.v1_36,
    defaults: {
      ...kubeletDefaults,
      cgroupDriver: 'systemd',
      containerRuntimeEndpoint: '',
      crashLoopBackOff: {},
      imageMaximumGCAge: '0s',
      logging: loggingDefaults,
      memorySwap: {},
    },
    socketScheme: 'unix://',
    endpoint: 'config',
    runtimeFlags: { other: {} },
    cgroups: { v1: { refusedUnless: 'failCgroupV1' }, v2: 'stable' },
  },
  node: {
    labels: {
      'node-role.kubernetes.io/control-plane': '',
      'node.kubernetes.io/exclude-from-external-load-balancers': '',
    },
    taints: ['node-role.kubernetes.io/control-plane'],
    criSocketAnnotation: undefined,
  },
  extraBindings: [
    {
      name: 'kubeadm:apiserver-kubelet-client',
      clusterRole: 'system:kubelet-api-admin',
      subject: { kind: 'User', name: 'kube-apiserver-kubelet-client' },
    },
    {
      name: 'kubeadm:cluster-admins',
      clusterRole: 'cluster-admin',
      subject: { kind: 'Group', name: 'kubeadm:cluster-admins' },
    },
  ],
  kubeProxy: {
    fields: kubeProxyFields.v1_36,
    defaults: {
      ...kubeProxyDefaults,
      conntrack: {
        ...kubeProxyDefaults.conntrack,
        tcpBeLiberal: false,
        udpStreamTimeout: '0s',
        udpTimeout: '0s',
      },
      detectLocal: { bridgeInterface: '', interfaceNamePrefix: '' },
      iptables: { ...kubeProxyDefaults.iptables, localhostNodePorts: null },
      logging: loggingDefaults,
      nftables: { ...kubeProxyDefaults.iptables },
      winkernel: { ...kubeProxyDefaults.winkernel, forwardHealthCheckVip: false, rootHnsEndpointName: '' },
    },
    tolerations: [{ operator: 'Exists' }],
  },
  coreDns: {
    cache: ['cache 30 {', '   disable success {domain}', '   disable denial {domain}', '}'],
    rules: [{ apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list', 'watch'] }],
    namedProbePorts: true,
    antiAffinity: true,
    dropCapability: 'ALL',
    tolerations: ['node-role.kubernetes.io/control-plane'],
    serviceName: 'CoreDNS',
  },
}
