/** Where we knowingly differ from kubeadm. */
export interface Difference {
  /** "case/file" or "case/api/Kind name#/field"; `*` stands for any text. */
  path: string
  /** JSON; undefined: not found. */
  ours: unknown
  theirs: unknown
  reason: string
}

const serverOwned = 'the API server fills it in; Go prints its zero value'
const noUpload =
  'up copies authorities over SSH; only token create --control-plane uploads them (uploaded-certificates.test.ts)'
const present = 'an object'
const otherName = '--hostname-override=cp1'

export const differences: readonly Difference[] = [
  ...['v1.20.2', 'v1.31.14', 'v1.32.13', 'v1.33.13'].map((version) => ({
    path: `${version}-*/api/*/metadata/creationTimestamp`,
    ours: undefined,
    theirs: null,
    reason: serverOwned,
  })),
  { path: '*/api/Deployment coredns#/status', ours: undefined, theirs: {}, reason: serverOwned },
  {
    path: '*/api/DaemonSet kube-proxy#/status',
    ours: undefined,
    theirs: {
      currentNumberScheduled: 0,
      desiredNumberScheduled: 0,
      numberMisscheduled: 0,
      numberReady: 0,
    },
    reason: serverOwned,
  },
  {
    path: '*/api/Service kube-dns#/status',
    ours: undefined,
    theirs: { loadBalancer: {} },
    reason: serverOwned,
  },
  {
    path: '*/api/Service kube-dns#/metadata/resourceVersion',
    ours: undefined,
    theirs: '0',
    reason: serverOwned,
  },
  ...['ClusterRole kubeadm:get-nodes', 'ClusterRoleBinding kubeadm:get-nodes'].map((object) => ({
    path: `v1.20.2-*/api/${object}#/metadata/namespace`,
    ours: undefined,
    theirs: 'kube-system',
    reason: 'cluster roles and their bindings have no namespace; the API server drops it',
  })),
  ...['v1.31.14', 'v1.32.13', 'v1.33.13', 'v1.34.9', 'v1.35.6', 'v1.36.2'].map((version) => ({
    path: `${version}-*/api/ClusterRoleBinding kubeadm:cluster-admins`,
    ours: present,
    theirs: undefined,
    reason: 'kubeadm makes it outside of what a dry run prints (EnsureAdminClusterRoleBinding)',
  })),
  { path: 'v1.36.2-*/api/Secret kubeadm-certs', ours: undefined, theirs: present, reason: noUpload },
  {
    path: 'v1.36.2-*/api/Role kubeadm:kubeadm-certs',
    ours: undefined,
    theirs: present,
    reason: noUpload,
  },
  {
    path: 'v1.36.2-*/api/RoleBinding kubeadm:kubeadm-certs',
    ours: undefined,
    theirs: present,
    reason: noUpload,
  },
  ...['stacked/api/Secret bootstrap-token-r7xrt6', 'external/api/Secret bootstrap-token-f9v8gm'].map(
    (object) => ({
      path: `v1.36.2-${object}`,
      ours: undefined,
      theirs: present,
      reason: 'it limits the life of the Secret kubeadm-certs, which up does not make',
    }),
  ),
  ...(
    [
      ['v1.20.2', '--network-plugin=cni ', '', ' --pod-infra-container-image=k8s.gcr.io/pause:3.2'],
      ...['v1.31.14', 'v1.32.13', 'v1.33.13'].map(
        (version) =>
          [
            version,
            '--container-runtime-endpoint=unix:///run/containerd/containerd.sock ',
            otherName,
            ' --pod-infra-container-image=registry.k8s.io/pause:3.10',
          ] as const,
      ),
      ['v1.34.9', '', otherName, ' --pod-infra-container-image=registry.k8s.io/pause:3.10.1'],
      ['v1.35.6', '', otherName, ''],
      ['v1.36.2', '', '', ''],
    ] as const
  ).map(([version, before, override, after]) => ({
    path: `${version}-*/kubeadm-flags.env`,
    ours: [`KUBELET_KUBEADM_ARGS="${before}--node-ip=10.88.0.15${after}"`],
    theirs: [`KUBELET_KUBEADM_ARGS="${override === '' ? before.trimEnd() : before}${override}${after}"`],
    reason: `kubeadm lets the kubelet find its address (default route, /etc/hosts), which need not be the one it is reached by; the inventory has it${
      override === ''
        ? ''
        : '. This capture’s machine had another host name than its node; kubestrap sets the host name'
    }`,
  })),
]
