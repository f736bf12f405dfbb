import { pkiDirectory } from '../manifests/paths.js'
import { hostPort } from '../service-address.js'
import type { Founding } from './initial-cluster.js'

const pki = `${pkiDirectory}/etcd`
/** Where kubeadm has a member tell its health and metrics, on the loopback. */
export const etcdMetricsPort = 2381

export const etcdClientUrl = (address: string): string => `https://${hostPort(address, 2379)}`
export const etcdPeerUrl = (address: string): string => `https://${hostPort(address, 2380)}`

/**
 * A member's flags as kubeadm gives them (phases/etcd, getEtcdCommand).
 * @param founding what it is told of its cluster; default: it founds one by itself
 */
export function etcdFlags(
  { name, address }: { name: string; address: string },
  dataDir: string,
  founding: Founding,
): Record<string, string> {
  const loopback = address.includes(':') ? '::1' : '127.0.0.1'
  const client = etcdClientUrl(address)
  const peer = etcdPeerUrl(address)
  return {
    'advertise-client-urls': client,
    'cert-file': `${pki}/server.crt`,
    'client-cert-auth': 'true',
    'data-dir': dataDir,
    'initial-advertise-peer-urls': peer,
    'initial-cluster': founding.initialCluster ?? `${name}=${peer}`,
    ...(founding.initialClusterState ? { 'initial-cluster-state': founding.initialClusterState } : {}),
    'key-file': `${pki}/server.key`,
    'listen-client-urls': `https://${hostPort(loopback, 2379)},${client}`,
    'listen-metrics-urls': `http://${hostPort(loopback, etcdMetricsPort)}`,
    'listen-peer-urls': peer,
    name,
    'peer-cert-file': `${pki}/peer.crt`,
    'peer-client-cert-auth': 'true',
    'peer-key-file': `${pki}/peer.key`,
    'peer-trusted-ca-file': `${pki}/ca.crt`,
    'snapshot-count': '10000',
    'trusted-ca-file': `${pki}/ca.crt`,
  }
}
