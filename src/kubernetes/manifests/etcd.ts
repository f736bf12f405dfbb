import { argumentList } from '../arguments.js'
import type { KubeObject } from '../kube-object.js'
import { hostPort } from '../service-address.js'
import { pkiDirectory } from './paths.js'
import { type PodParts, staticPod } from './pod.js'
import type { PodInput } from './static-pods.js'
import type { Volume } from './volume.js'

const pki = `${pkiDirectory}/etcd`
const metricsPort = 2381

/** An etcd member beside its API server (kubeadm: phases/etcd, getEtcdCommand). */
export function etcdPod(input: PodInput): KubeObject {
  const { spec, host, release, facts } = input
  const loopback = host.address.includes(':') ? '::1' : '127.0.0.1'
  const client = `https://${hostPort(host.address, 2379)}`
  const peer = `https://${hostPort(host.address, 2380)}`
  const { extraArgs, dataDir } = spec.etcd
  const flags = {
    'advertise-client-urls': client,
    'cert-file': `${pki}/server.crt`,
    'client-cert-auth': 'true',
    'data-dir': dataDir,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': facts.initialCluster ?? `${host.name}=${peer}`,
    ...(facts.initialClusterState ? { 'initial-cluster-state': facts.initialClusterState } : {}),
    'key-file': `${pki}/server.key`,
    'listen-client-urls': `https://${hostPort(loopback, 2379)},${client}`,
    'listen-metrics-urls': `http://${hostPort(loopback, metricsPort)}`,
    'listen-peer-urls': peer,
    name: host.name,
    'peer-cert-file': `${pki}/peer.crt`,
    'peer-client-cert-auth': 'true',
    'peer-key-file': `${pki}/peer.key`,
    'peer-trusted-ca-file': `${pki}/ca.crt`,
    'snapshot-count': '10000',
    'trusted-ca-file': `${pki}/ca.crt`,
    ...release.staticPods.flags.etcd,
  }
  const data: Volume = { name: 'etcd-data', path: dataDir, kind: 'DirectoryOrCreate', readOnly: false }
  const certificates: Volume = { name: 'etcd-certs', path: pki, kind: 'DirectoryOrCreate', readOnly: false }
  return staticPod(input, {
    name: 'etcd',
    annotations: {
      'kubeadm.kubernetes.io/etcd.advertise-client-urls': extraArgs['advertise-client-urls'] ?? client,
    },
    command: ['etcd', ...argumentList(flags, extraArgs)],
    probe: metricsTarget(extraArgs['listen-metrics-urls'], loopback),
    mounts: [data, certificates],
    volumes: [certificates, data],
  })
}

/** The first metrics URL is where etcd is probed (kubeadm: GetEtcdProbeEndpoint). */
function metricsTarget(urls: string | undefined, loopback: string): PodParts['probe'] {
  const first = urls?.split(',')[0]
  if (first === undefined || !URL.canParse(first))
    return { host: loopback, port: metricsPort, scheme: 'HTTP' }
  const { protocol, hostname, port } = new URL(first)
  return {
    host: hostname.replace(/^\[|\]$/g, '') || loopback,
    port: port === '' ? metricsPort : Number(port),
    scheme: protocol === 'https:' ? 'HTTPS' : 'HTTP',
  }
}
