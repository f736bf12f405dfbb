import { canonicalAddress } from '../lib/cidr.js'
import type { Inventory } from './schema/schema.js'
import { hostsWithRole } from './select.js'
import type { ClusterSpec, EtcdInstall, ExternalEtcdSpec, HostSpec } from './spec.js'

type Given = NonNullable<Inventory['etcd']>

/** Where kubeadm's guide puts what API servers show an etcd that is not beside them. */
const clientFiles = {
  caFile: '/etc/kubernetes/pki/etcd/ca.crt',
  certFile: '/etc/kubernetes/pki/apiserver-etcd-client.crt',
  keyFile: '/etc/kubernetes/pki/apiserver-etcd-client.key',
}

/**
 * etcd's part of a checked inventory.
 * @param path makes a path of the inventory absolute
 */
export function etcdOf(
  given: Given | undefined,
  hosts: readonly HostSpec[],
  path: (text: string) => string,
): ClusterSpec['etcd'] {
  const external = externalOf(given?.external, hosts, path)
  return {
    dataDir: given?.dataDir ?? '/var/lib/etcd',
    extraArgs: given?.extraArgs ?? {},
    imageTag: given?.imageTag,
    install: installOf(given, path),
    ...(external ? { external } : {}),
  }
}

/** Hosts that run an etcd member of their own; none where etcd is on the control planes, or not ours. */
export const etcdHostSpecs = (spec: Pick<ClusterSpec, 'hosts'>): HostSpec[] => hostsWithRole(spec, 'etcd')

function externalOf(
  given: Given['external'],
  hosts: readonly HostSpec[],
  path: (text: string) => string,
): ExternalEtcdSpec | undefined {
  const own = etcdHostSpecs({ hosts })
  if (own.length > 0)
    return {
      endpoints: own.map(({ address }) => `https://${address.includes(':') ? `[${address}]` : address}:2379`),
      ...clientFiles,
    }
  if (!given) return undefined
  const { ca, cert, key, caFile = '', certFile = '', keyFile = '' } = given
  const endpoints = given.endpoints.map(canonicalUrl)
  if (ca === undefined || cert === undefined || key === undefined)
    return { endpoints, caFile, certFile, keyFile }
  return { endpoints, ...clientFiles, local: { ca: path(ca), cert: path(cert), key: path(key) } }
}

/** A URL whose host is an address has it in its one form. */
const canonicalUrl = (url: string): string =>
  url.replace(/\[([^\]]+)\]/, (_, address: string) => `[${canonicalAddress(address)}]`)

function installOf(given: Given | undefined, path: (text: string) => string): EtcdInstall {
  const { tarball, install = tarball ? 'tarball' : 'package' } = given ?? {}
  if (install !== 'tarball') return { from: install }
  return { from: install, file: path(tarball?.file ?? ''), sha256: (tarball?.sha256 ?? '').toLowerCase() }
}
