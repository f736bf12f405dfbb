import type { SshSpec } from '../../src/host/ssh-spec.js'
import type { ClusterSpec, HostSpec, RepositorySpec } from '../../src/inventory/spec.js'

/** A way to root at 10.88.0.15 with nothing to log in with. */
export function sshSpec(over: Partial<SshSpec> = {}): SshSpec {
  return {
    user: 'root',
    port: 22,
    host: '10.88.0.15',
    keys: [],
    keysNamed: true,
    identitiesOnly: false,
    agent: undefined,
    passphrase: undefined,
    password: undefined,
    sudoPassword: undefined,
    knownHosts: [],
    hostKeys: 'strict',
    hostKey: undefined,
    hostKeyAlias: undefined,
    proxyCommand: undefined,
    via: undefined,
    notes: [],
    ...over,
  }
}

/** A control plane cp1 at 10.88.0.15, as decoded from a minimal inventory. */
export function hostSpec(over: Partial<HostSpec> = {}): HostSpec {
  return {
    name: 'cp1',
    address: '10.88.0.15',
    roles: ['control-plane'],
    groups: [],
    connection: 'ssh',
    ssh: sshSpec(),
    os: { like: undefined, repositories: [], hold: false },
    timeSync: undefined,
    firewall: undefined,
    state: 'up',
    labels: {},
    taints: [],
    origins: {},
    kubeletConfig: {},
    kubeletExtraArgs: {},
    at: 'inventory.yaml:1:1',
    ...over,
  }
}

/** A cluster of cp1 alone with every default. */
export function clusterSpec(over: Partial<ClusterSpec> = {}): ClusterSpec {
  return {
    file: '/tmp/inventory.yaml',
    directory: '/tmp',
    sha256: '0'.repeat(64),
    clusterName: 'kubernetes',
    version: '1.20.2',
    minor: '1.20',
    imageRepository: undefined,
    endpoint: { host: 'api.lab.internal', port: 6443, named: true, explicit: true },
    endpointAddress: '10.88.0.15',
    loadBalancer: undefined,
    apiServer: { bindPort: 6443, certSANs: [], extraArgs: {}, extraVolumes: [] },
    controllerManager: { extraArgs: {}, extraVolumes: [] },
    scheduler: { extraArgs: {}, extraVolumes: [] },
    etcd: { dataDir: '/var/lib/etcd', extraArgs: {}, imageTag: undefined, install: { from: 'package' } },
    networking: { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12', dnsDomain: 'cluster.local' },
    certificates: { renewBefore: 90 * 86_400_000 },
    rollout: {
      maxUnavailable: 1,
      minReadyMs: 0,
      maxFailed: 0,
      drain: { timeoutMs: 300_000, deleteEmptyDirData: true, force: false },
    },
    dns: { enabled: true, imageTag: undefined },
    runtime: 'docker',
    runtimePrograms: {},
    registries: [],
    network: 'bridge',
    flannel: { backend: 'vxlan' },
    unset: [],
    unsetSources: [],
    keeping: () => clusterSpec(over),
    outsider: (address) => hostSpec({ name: address, address, roles: [], at: 'the command line' }),
    atVersion: (version) => clusterSpec({ ...over, version }),
    kubelet: { config: {}, extraArgs: {} },
    kubeProxy: { config: {} },
    kubeconfig: { loginUser: false },
    binaries: { bundle: undefined },
    sources: {
      kubernetes: 'bundle',
      runtime: 'packages',
      cniPlugins: 'packages',
      versions: {},
      mirrors: {},
      caCertificate: undefined,
    },
    verify: { image: 'verify', bundled: 'verify' },
    hosts: [hostSpec()],
    at: () => 'inventory.yaml:1:1',
    lab: undefined,
    ...over,
  }
}

/** A repository of packages that an inventory names. */
export const repositorySpec: RepositorySpec = {
  name: 'docker',
  url: 'https://download.example.com',
  key: '/k',
  suite: '',
  components: [],
  signedLists: true,
  at: 'inventory.yaml:1:1',
}
