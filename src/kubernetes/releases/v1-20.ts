import { kubeletDefaults, kubeProxyDefaults } from './component-defaults.js'
import { kubeProxyFields } from './kube-proxy-fields.js'
import { kubeletFields } from './kubelet-fields.js'
import type { MinorRelease } from './release.js'

/** Kubernetes 1.20: kubeadm's source and output at 1.20.2. */
export const v1_20: MinorRelease = {
  minor: '1.20',
  patch: '1.20.15',
  untested: false,
  communityPackages: false,
  // containerd.io/releases, "Kubernetes support": the last minor of containerd whose CRI has v1alpha2, which kubelets
  // up to 1.22 speak alone, and those up to 1.25 too. 1.7.30: canonical/k8s-snap#2531; runc 1.3.5, with the fixes of
  // CVE-2025-31133: containerd/containerd#13059; plug-ins as Kubespray 2.31 has them
  programs: { containerd: '1.7.30', runc: '1.3.5', cniPlugins: '1.9.1' },
  dockershim: 'present',
  nodeLag: 2,
  suite: { ginkgo: 1 },
  minimumEtcd: '3.2.18',
  // containerd's RELEASES.md: CRI v1alpha2 was removed in 2.0; the kubelet speaks v1 from 1.23 on (its pkg/kubelet/cri/remote)
  containerd: {
    below: { version: '2.0.0', why: 'the kubelet speaks CRI v1alpha2, which containerd 2 does not' },
  },
  images: {
    repository: 'k8s.gcr.io',
    etcd: '3.4.13-0',
    pause: '3.2',
    coredns: '1.7.0',
    corednsPath: 'coredns',
  },
  clusterConfiguration: {
    apiVersion: 'kubeadm.k8s.io/v1beta2',
    defaults: {
      apiServer: { extraArgs: { 'authorization-mode': 'Node,RBAC' }, timeoutForControlPlane: '4m0s' },
      dns: { type: 'CoreDNS' },
    },
    extraArgs: 'map',
    httpEndpoints: false,
    dnsDisabled: false,
    clusterStatus: true,
  },
  certificates: {
    adminOrganization: 'system:masters',
    kubeletClientOrganization: 'system:masters',
    etcdClientOrganization: 'system:masters',
    leafBasicConstraints: false,
    authorityDnsName: false,
  },
  kubeconfig: { superAdmin: false, preferences: true, kubeletLocal: false },
  staticPods: {
    creationTimestamp: true,
    podSpec: { hostNetwork: true, priorityClassName: 'system-node-critical' },
    namedProbePort: false,
    caDirectories: [
      '/etc/pki',
      '/usr/share/ca-certificates',
      '/usr/local/share/ca-certificates',
      '/etc/ca-certificates',
    ],
    flexVolumeDirectory: '/usr/libexec/kubernetes/kubelet-plugins/volume/exec',
    flags: {
      etcd: {},
      'kube-apiserver': { 'insecure-port': '0' },
      'kube-controller-manager': { port: '0' },
      'kube-scheduler': { port: '0' },
    },
    probes: {
      etcd: { liveness: '/health', startup: '/health' },
      'kube-apiserver': { liveness: '/livez', readiness: '/readyz', startup: '/livez' },
      'kube-controller-manager': { liveness: '/healthz', startup: '/healthz' },
      'kube-scheduler': { liveness: '/healthz', startup: '/healthz' },
    },
    requests: {
      etcd: { cpu: '100m', 'ephemeral-storage': '100Mi', memory: '100Mi' },
      'kube-apiserver': { cpu: '250m' },
      'kube-controller-manager': { cpu: '200m' },
      'kube-scheduler': { cpu: '100m' },
    },
  },
  kubelet: {
    configMap: 'kubelet-config-1.20',
    fields: kubeletFields,
    defaults: { ...kubeletDefaults, logging: {} },
    socketScheme: '',
    endpoint: 'flags',
    runtimeFlags: {
      docker: { 'network-plugin': 'cni', 'pod-infra-container-image': '{pause}' },
      other: { 'container-runtime': 'remote', 'container-runtime-endpoint': '{socket}' },
    },
    // "stable since v1.25" (kubernetes.io, About cgroup v2)
    cgroups: { v1: 'stable', v2: 'early' },
  },
  goneApis: [],
  refused: {
    flags: { 'kube-apiserver': {}, 'kube-controller-manager': {}, 'kube-scheduler': {}, kubelet: {} },
    admissionPlugins: {},
    configurations: {},
    gates: {},
    locked: {},
  },
  // deprecated by 1.22, which has policy/v1 (pkg/registry/core/pod/storage/eviction.go)
  eviction: 'policy/v1beta1',
  node: {
    labels: { 'node-role.kubernetes.io/control-plane': '', 'node-role.kubernetes.io/master': '' },
    taints: ['node-role.kubernetes.io/master'],
    criSocketAnnotation: 'kubeadm.alpha.kubernetes.io/cri-socket',
  },
  extraBindings: [],
  kubeProxy: {
    fields: kubeProxyFields,
    defaults: { ...kubeProxyDefaults, udpIdleTimeout: '0s' },
    tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }, { operator: 'Exists' }],
  },
  coreDns: {
    cache: ['cache 30'],
    rules: [{ apiGroups: [''], resources: ['nodes'], verbs: ['get'] }],
    namedProbePorts: false,
    antiAffinity: false,
    dropCapability: 'all',
    tolerations: ['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'],
    serviceName: 'KubeDNS',
  },
}
