/** What the schema does not say of a key of the inventory. */
export interface KeyFacts {
  /** The version that first had it. A new key has the next version. */
  since: '0.1.0' | '0.2.0'
  /** The key with a value; none for a section, whose keys have examples. */
  example?: string
  /** What else an inventory needs for the example to be valid. */
  with?: Surroundings
}

/** Part of an inventory, and how the reference names it. */
interface Surroundings {
  name: string
  yaml: string
}

const aGroup = { name: 'a group storage', yaml: 'groups: { databases: {}, storage: {} }' }
const inLab = 'hosts: { cp1: { address: 10.88.0.11 }, w1: { address: 10.88.0.21 } }'
const labHosts = { name: 'hosts in that network', yaml: inLab }
const aLab = { name: 'gateway', yaml: `${inLab}\nlab: { gateway: 10.88.0.1/24 }` }
const registryLogin =
  'registries: { registry.example.com: { auth: { username: nodes, password: env:REGISTRY_PASSWORD } } }'
const proxyLogin =
  'sources: { proxy: { http: http://proxy.example.com:3128, auth: { username: nodes, password: env:PROXY_PASSWORD } } }'
const aMirror = {
  name: 'a mirror',
  yaml: 'sources: { mirrors: { kubernetes: https://mirror.example.com/k8s } }',
}
const aProxy = { name: 'a proxy', yaml: 'sources: { proxy: { http: http://proxy.example.com:3128 } }' }
const kubeVip = { name: 'type: kube-vip', yaml: 'loadBalancer: { type: kube-vip, virtualIP: 10.0.0.10 }' }
const aVirtualIP = { name: 'virtualIP', yaml: kubeVip.yaml }
const keepalived = {
  name: 'virtualIP and type: haproxy',
  yaml: 'loadBalancer: { type: haproxy, virtualIP: 10.0.0.10 }\nhosts: { lb1: { address: 10.0.0.2, roles: [load-balancer] } }',
}
const otherPort = {
  name: 'another port in kubernetes.controlPlaneEndpoint than apiServer.bindPort',
  yaml: 'kubernetes: { controlPlaneEndpoint: api.example.com:8443 }',
}
const bundle = { name: 'a bundle', yaml: 'binaries: { bundle: bundle }' }
const internal =
  '{ os: { repositories: { internal: { url: https://apt.example.com/debian, key: internal.asc, suite: bookworm } } } }'
const aRepository = {
  name: 'the other keys of the repository',
  yaml: `defaults: ${internal}\ngroups: { storage: ${internal} }\nhosts: { cp1: ${internal} }`,
}
const aVolume = {
  name: 'a volume',
  yaml: ['apiServer', 'controllerManager', 'scheduler']
    .map((key) => `${key}: { extraVolumes: { audit: { hostPath: /etc/kubernetes/audit/policy.yaml } } }`)
    .join('\n'),
}
const docker = { name: 'runtime: docker', yaml: 'runtime: docker' }
const downloads = {
  name: 'runtime: download and cniPlugins: download',
  yaml: 'sources: { runtime: download, cniPlugins: download }',
}
const etcdHosts = {
  name: 'hosts that have the role etcd',
  yaml: 'hosts: { etcd1: { address: 10.0.0.31, roles: [etcd] } }',
}
const etcdDownloads = {
  name: 'etcd.install: download',
  yaml: `${etcdHosts.yaml}\netcd: { install: download }`,
}
const existingEtcd = {
  name: 'endpoints and the other files',
  yaml: 'etcd: { external: { endpoints: ["https://10.0.0.31:2379"], ca: etcd/ca.crt, cert: etcd/client.crt, key: etcd/client.key } }',
}
const existingFiles = {
  name: 'endpoints and the other files',
  yaml: 'etcd: { external: { endpoints: ["https://10.0.0.31:2379"], caFile: /etc/etcd/ca.crt, certFile: /etc/etcd/client.crt, keyFile: /etc/etcd/client.key } }',
}
const registry = {
  name: 'mirrors',
  yaml: 'registries: { docker.io: { mirrors: ["https://mirror.example.com"] } }',
}
const tarball = {
  name: 'hosts that have the role etcd',
  yaml: `${etcdHosts.yaml}\netcd: { tarball: { file: etcd-v3.5.9-linux-amd64.tar.gz, sha256: ${'ab'.repeat(32)} } }`,
}

const digest = '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08'

/** Every key of the inventory; where settings of hosts, of SSH and of kubelets may also stand: inventory-keys.ts. */
export const inventoryFacts: Readonly<Record<string, KeyFacts>> = {
  include: { since: '0.1.0', example: 'include: [machines.yaml]' },

  kubernetes: { since: '0.1.0' },
  'kubernetes.version': { since: '0.1.0', example: 'version: "1.36.3"' },
  'kubernetes.clusterName': { since: '0.1.0', example: 'clusterName: production' },
  'kubernetes.controlPlaneEndpoint': {
    since: '0.1.0',
    example: 'controlPlaneEndpoint: api.example.com:6443',
  },
  'kubernetes.imageRepository': { since: '0.1.0', example: 'imageRepository: registry.example.com/k8s' },

  networking: { since: '0.1.0' },
  'networking.podSubnet': { since: '0.1.0', example: 'podSubnet: 172.16.0.0/16' },
  'networking.serviceSubnet': { since: '0.1.0', example: 'serviceSubnet: 172.20.0.0/16' },
  'networking.dnsDomain': { since: '0.1.0', example: 'dnsDomain: cluster.example.com' },

  runtime: { since: '0.1.0', example: 'runtime: containerd' },
  docker: { since: '0.1.0' },
  'docker.criDockerd': { since: '0.1.0', example: 'criDockerd: downloads/cri-dockerd', with: docker },

  registries: { since: '0.1.0' },
  'registries.NAME.mirrors': { since: '0.1.0', example: 'mirrors: [https://mirror.example.com]' },
  'registries.NAME.fallback': { since: '0.1.0', example: 'fallback: false', with: registry },
  'registries.NAME.caFile': { since: '0.1.0', example: 'caFile: registry-ca.pem' },
  'registries.NAME.skipVerify': { since: '0.1.0', example: 'skipVerify: true' },
  'registries.NAME.auth': {
    since: '0.1.0',
    example: 'auth: { username: nodes, password: env:REGISTRY_PASSWORD }',
  },
  'registries.NAME.auth.username': {
    since: '0.1.0',
    example: 'username: nodes',
    with: { name: 'password', yaml: registryLogin },
  },
  'registries.NAME.auth.password': {
    since: '0.1.0',
    example: 'password: env:REGISTRY_PASSWORD',
    with: { name: 'username', yaml: registryLogin },
  },

  network: { since: '0.1.0', example: 'network: flannel' },
  flannel: { since: '0.2.0' },
  'flannel.backend': { since: '0.2.0', example: 'backend: host-gw' },

  loadBalancer: { since: '0.1.0' },
  'loadBalancer.type': { since: '0.1.0', example: 'type: node-local', with: otherPort },
  'loadBalancer.virtualIP': { since: '0.1.0', example: 'virtualIP: 10.0.0.10', with: kubeVip },
  'loadBalancer.interface': { since: '0.1.0', example: 'interface: eth1', with: aVirtualIP },
  'loadBalancer.routerId': { since: '0.1.0', example: 'routerId: 51', with: keepalived },
  'loadBalancer.image': {
    since: '0.1.0',
    example: 'image: registry.example.com/kube-vip/kube-vip:v0.8.9',
    with: kubeVip,
  },

  dns: { since: '0.1.0' },
  'dns.enabled': { since: '0.1.0', example: 'enabled: false' },
  'dns.imageTag': { since: '0.1.0', example: 'imageTag: v1.12.1' },

  apiServer: { since: '0.1.0' },
  'apiServer.bindPort': { since: '0.1.0', example: 'bindPort: 8443' },
  'apiServer.certSANs': { since: '0.1.0', example: 'certSANs: [k8s.example.com]' },
  'apiServer.extraArgs': { since: '0.1.0', example: 'extraArgs: { event-ttl: 2h0m0s }' },
  'apiServer.extraVolumes': {
    since: '0.2.0',
    example: 'extraVolumes: { logs: { hostPath: /var/log/kubernetes, pathType: DirectoryOrCreate } }',
  },
  'apiServer.extraVolumes.NAME.hostPath': {
    since: '0.2.0',
    example: 'hostPath: /etc/kubernetes/audit/policy.yaml',
    with: aVolume,
  },
  'apiServer.extraVolumes.NAME.mountPath': {
    since: '0.2.0',
    example: 'mountPath: /audit/policy.yaml',
    with: aVolume,
  },
  'apiServer.extraVolumes.NAME.readOnly': { since: '0.2.0', example: 'readOnly: true', with: aVolume },
  'apiServer.extraVolumes.NAME.pathType': { since: '0.2.0', example: 'pathType: File', with: aVolume },
  'apiServer.extraVolumes.NAME.source': {
    since: '0.2.0',
    example: 'source: audit-policy.yaml',
    with: aVolume,
  },

  controllerManager: { since: '0.1.0' },
  'controllerManager.extraArgs': {
    since: '0.1.0',
    example: 'extraArgs: { terminated-pod-gc-threshold: "1000" }',
  },
  'controllerManager.extraVolumes': {
    since: '0.2.0',
    example:
      'extraVolumes: { configuration: { hostPath: /etc/kubernetes/controllerManager, pathType: Directory } }',
  },
  'controllerManager.leaderElection': { since: '0.1.0', example: 'leaderElection: { leaseDuration: 30s }' },
  'controllerManager.leaderElection.leaseDuration': { since: '0.1.0', example: 'leaseDuration: 30s' },
  'controllerManager.leaderElection.renewDeadline': { since: '0.1.0', example: 'renewDeadline: 12s' },
  'controllerManager.leaderElection.retryPeriod': { since: '0.1.0', example: 'retryPeriod: 3s' },

  scheduler: { since: '0.1.0' },
  'scheduler.extraArgs': { since: '0.1.0', example: 'extraArgs: { v: "4" }' },
  'scheduler.extraVolumes': {
    since: '0.2.0',
    example: 'extraVolumes: { configuration: { hostPath: /etc/kubernetes/scheduler, pathType: Directory } }',
  },
  'scheduler.leaderElection': { since: '0.1.0', example: 'leaderElection: { leaseDuration: 30s }' },
  'scheduler.leaderElection.leaseDuration': { since: '0.1.0', example: 'leaseDuration: 30s' },
  'scheduler.leaderElection.renewDeadline': { since: '0.1.0', example: 'renewDeadline: 12s' },
  'scheduler.leaderElection.retryPeriod': { since: '0.1.0', example: 'retryPeriod: 3s' },

  etcd: { since: '0.1.0' },
  'etcd.dataDir': { since: '0.1.0', example: 'dataDir: /mnt/ssd/etcd' },
  'etcd.imageTag': { since: '0.1.0', example: 'imageTag: 3.6.4-0' },
  'etcd.extraArgs': { since: '0.1.0', example: 'extraArgs: { quota-backend-bytes: "8589934592" }' },
  'etcd.install': { since: '0.1.0', example: 'install: download', with: etcdHosts },
  'etcd.tarball': {
    since: '0.1.0',
    example: `tarball: { file: etcd-v3.6.4-linux-amd64.tar.gz, sha256: ${digest} }`,
    with: etcdHosts,
  },
  'etcd.tarball.file': { since: '0.1.0', example: 'file: etcd-v3.6.4-linux-amd64.tar.gz', with: tarball },
  'etcd.tarball.sha256': { since: '0.1.0', example: `sha256: ${digest}`, with: tarball },
  'etcd.external': {
    since: '0.1.0',
    example:
      'external: { endpoints: ["https://10.0.0.31:2379"], ca: etcd/ca.crt, cert: etcd/client.crt, key: etcd/client.key }',
  },
  'etcd.external.endpoints': {
    since: '0.1.0',
    example: 'endpoints: ["https://10.0.0.31:2379", "https://10.0.0.32:2379", "https://10.0.0.33:2379"]',
    with: { name: 'the files of a client', yaml: existingEtcd.yaml },
  },
  'etcd.external.ca': { since: '0.1.0', example: 'ca: etcd/ca.crt', with: existingEtcd },
  'etcd.external.cert': { since: '0.1.0', example: 'cert: etcd/client.crt', with: existingEtcd },
  'etcd.external.key': { since: '0.1.0', example: 'key: etcd/client.key', with: existingEtcd },
  'etcd.external.caFile': { since: '0.1.0', example: 'caFile: /etc/etcd/ca.crt', with: existingFiles },
  'etcd.external.certFile': {
    since: '0.1.0',
    example: 'certFile: /etc/etcd/client.crt',
    with: existingFiles,
  },
  'etcd.external.keyFile': { since: '0.1.0', example: 'keyFile: /etc/etcd/client.key', with: existingFiles },

  certificates: { since: '0.2.0' },
  'certificates.renewBefore': { since: '0.2.0', example: 'renewBefore: 30d' },

  rollout: { since: '0.2.0' },
  'rollout.maxUnavailable': { since: '0.2.0', example: 'maxUnavailable: 10%' },
  'rollout.minReadySeconds': { since: '0.2.0', example: 'minReadySeconds: 30' },
  'rollout.maxFailed': { since: '0.2.0', example: 'maxFailed: 2' },
  'rollout.drain': { since: '0.2.0', example: 'drain: { timeout: 15m, force: true }' },
  'rollout.drain.timeout': { since: '0.2.0', example: 'timeout: 15m' },
  'rollout.drain.deleteEmptyDirData': { since: '0.2.0', example: 'deleteEmptyDirData: false' },
  'rollout.drain.force': { since: '0.2.0', example: 'force: true' },

  kubelet: { since: '0.1.0', example: 'kubelet: { config: { maxPods: 200 } }' },
  'kubelet.config': { since: '0.1.0', example: 'config: { maxPods: 200 }' },
  'kubelet.extraArgs': { since: '0.1.0', example: 'extraArgs: { v: "2" }' },
  kubeProxy: { since: '0.1.0' },
  'kubeProxy.config': { since: '0.1.0', example: 'config: { mode: ipvs }' },

  binaries: { since: '0.1.0' },
  'binaries.bundle': { since: '0.1.0', example: 'bundle: bundle' },
  'binaries.sha256': { since: '0.2.0', example: `sha256: ${digest}`, with: bundle },

  sources: { since: '0.2.0' },
  'sources.kubernetes': { since: '0.2.0', example: 'kubernetes: packages' },
  'sources.runtime': { since: '0.2.0', example: 'runtime: download' },
  'sources.cniPlugins': { since: '0.2.0', example: 'cniPlugins: download' },
  'sources.versions': {
    since: '0.2.0',
    example: 'versions: { containerd: "2.1.4", runc: "1.3.0" }',
    with: downloads,
  },
  'sources.versions.containerd': { since: '0.2.0', example: 'containerd: "2.1.4"', with: downloads },
  'sources.versions.runc': { since: '0.2.0', example: 'runc: "1.3.0"', with: downloads },
  'sources.versions.cniPlugins': { since: '0.2.0', example: 'cniPlugins: "1.7.1"', with: downloads },
  'sources.versions.etcd': { since: '0.2.0', example: 'etcd: "3.6.4"', with: etcdDownloads },
  'sources.mirrors': { since: '0.2.0', example: 'mirrors: { kubernetes: https://mirror.example.com/k8s }' },
  'sources.mirrors.kubernetes': { since: '0.2.0', example: 'kubernetes: https://mirror.example.com/k8s' },
  'sources.mirrors.github': {
    since: '0.2.0',
    example: 'github: https://mirror.example.com/github',
    with: downloads,
  },
  'sources.mirrors.packages': {
    since: '0.2.0',
    example: 'packages: https://mirror.example.com/pkgs',
    with: { name: 'sources.kubernetes: packages', yaml: 'sources: { kubernetes: packages }' },
  },
  'sources.proxy': { since: '0.2.0', example: 'proxy: { https: http://proxy.example.com:3128 }' },
  'sources.proxy.http': { since: '0.2.0', example: 'http: http://proxy.example.com:3128' },
  'sources.proxy.https': { since: '0.2.0', example: 'https: http://proxy.example.com:3128' },
  'sources.proxy.noProxy': {
    since: '0.2.0',
    example: 'noProxy: [registry.example.com, 10.1.0.0/16, .internal.example.com]',
    with: aProxy,
  },
  'sources.proxy.auth': {
    since: '0.2.0',
    example: 'auth: { username: nodes, password: env:PROXY_PASSWORD }',
    with: aProxy,
  },
  'sources.proxy.auth.username': {
    since: '0.2.0',
    example: 'username: nodes',
    with: { name: 'password', yaml: proxyLogin },
  },
  'sources.proxy.auth.password': {
    since: '0.2.0',
    example: 'password: env:PROXY_PASSWORD',
    with: { name: 'username', yaml: proxyLogin },
  },
  'sources.caCertificate': { since: '0.2.0', example: 'caCertificate: mirror-ca.pem', with: aMirror },

  verify: { since: '0.1.0' },
  'verify.image': { since: '0.1.0', example: 'image: registry.example.com/library/busybox:1.36' },
  kubeconfig: { since: '0.2.0' },
  'kubeconfig.loginUser': { since: '0.2.0', example: 'loginUser: true' },

  ssh: { since: '0.1.0', example: 'ssh: { user: admin, key: ~/.ssh/cluster }' },
  'ssh.user': { since: '0.1.0', example: 'user: admin' },
  'ssh.port': { since: '0.1.0', example: 'port: 2222' },
  'ssh.key': { since: '0.1.0', example: 'key: ~/.ssh/cluster' },
  'ssh.keys': { since: '0.1.0', example: 'keys: [~/.ssh/id_ed25519, ~/.ssh/id_rsa]' },
  'ssh.identitiesOnly': { since: '0.1.0', example: 'identitiesOnly: true' },
  'ssh.passphrase': { since: '0.1.0', example: 'passphrase: prompt' },
  'ssh.password': { since: '0.1.0', example: 'password: env:SSH_PASSWORD' },
  'ssh.sudo': { since: '0.1.0', example: 'sudo: { password: prompt }' },
  'ssh.sudo.password': { since: '0.1.0', example: 'password: prompt' },
  'ssh.jump': { since: '0.1.0', example: 'jump: admin@bastion.example.com:2222' },
  'ssh.bastions': {
    since: '0.2.0',
    example: 'bastions: { bastion.example.com: { password: env:BASTION_PASSWORD } }',
  },
  'ssh.bastions.NAME.password': { since: '0.2.0', example: 'password: env:BASTION_PASSWORD' },
  'ssh.bastions.NAME.passphrase': { since: '0.2.0', example: 'passphrase: prompt' },
  'ssh.config': { since: '0.1.0', example: 'config: false' },
  'ssh.knownHosts': { since: '0.1.0', example: 'knownHosts: known_hosts' },
  'ssh.hostKeys': { since: '0.1.0', example: 'hostKeys: accept-new' },
  'ssh.peerTransfer': { since: '0.2.0', example: 'peerTransfer: false' },

  defaults: { since: '0.1.0' },
  groups: { since: '0.1.0' },
  'groups.NAME.groups': { since: '0.1.0', example: 'groups: [storage]', with: aGroup },

  hosts: { since: '0.1.0' },
  'hosts.NAME.address': { since: '0.1.0', example: 'address: 10.0.0.11' },
  'hosts.NAME.groups': { since: '0.1.0', example: 'groups: [storage]', with: aGroup },
  'hosts.NAME.roles': { since: '0.1.0', example: 'roles: [control-plane, worker]' },
  'hosts.NAME.connection': { since: '0.1.0', example: 'connection: local' },
  'hosts.NAME.ssh.host': { since: '0.1.0', example: 'host: cp1.example.com' },
  'hosts.NAME.ssh.hostKey': {
    since: '0.1.0',
    example: 'hostKey: SHA256:n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg',
  },
  'hosts.NAME.os': { since: '0.2.0', example: 'os: { like: debian }' },
  'hosts.NAME.os.like': { since: '0.2.0', example: 'like: debian' },
  'hosts.NAME.os.repositories': {
    since: '0.2.0',
    example:
      'repositories: { internal: { url: https://apt.example.com/debian, key: internal.asc, suite: bookworm } }',
  },
  'hosts.NAME.os.repositories.NAME.url': {
    since: '0.2.0',
    example: 'url: https://apt.example.com/debian',
    with: aRepository,
  },
  'hosts.NAME.os.repositories.NAME.key': { since: '0.2.0', example: 'key: internal.asc', with: aRepository },
  'hosts.NAME.os.repositories.NAME.suite': { since: '0.2.0', example: 'suite: bookworm', with: aRepository },
  'hosts.NAME.os.repositories.NAME.components': {
    since: '0.2.0',
    example: 'components: [main]',
    with: aRepository,
  },
  'hosts.NAME.os.repositories.NAME.signedLists': {
    since: '0.2.0',
    example: 'signedLists: false',
    with: aRepository,
  },
  'hosts.NAME.os.hold': { since: '0.2.0', example: 'hold: true' },
  'hosts.NAME.timeSync': { since: '0.2.0', example: 'timeSync: chrony' },
  'hosts.NAME.firewall': { since: '0.2.0', example: 'firewall: leave' },
  'hosts.NAME.state': { since: '0.2.0', example: 'state: down' },
  'hosts.NAME.labels': { since: '0.1.0', example: 'labels: { disk: ssd }' },
  'hosts.NAME.taints': { since: '0.1.0', example: 'taints: ["dedicated=database:NoSchedule"]' },

  lab: { since: '0.1.0' },
  'lab.provider': { since: '0.1.0', example: 'provider: nspawn', with: aLab },
  'lab.bridge': { since: '0.1.0', example: 'bridge: ks-team', with: aLab },
  'lab.gateway': { since: '0.1.0', example: 'gateway: 10.88.0.1/24', with: labHosts },
  'lab.directory': { since: '0.1.0', example: 'directory: ~/.cache/kubestrap/team', with: aLab },
  'lab.packages': { since: '0.2.0', example: 'packages: [docker.io]', with: aLab },
  'lab.suites': { since: '0.2.0', example: 'suites: { w1: trixie }', with: aLab },
}
