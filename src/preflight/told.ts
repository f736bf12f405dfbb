import type { ClusterSpec } from '../inventory/spec.js'
import { networkOf, parseCidr } from '../lib/cidr.js'

/** What a living cluster keeps, whatever an inventory says: paths in the inventory. */
export const fixedFields = [
  'kubernetes.version',
  'networking.podSubnet',
  'networking.serviceSubnet',
  'networking.dnsDomain',
  'etcd',
  'etcd.dataDir',
  'etcd.endpoints',
  'runtime',
  'network',
] as const

export type FixedField = (typeof fixedFields)[number]

/** What a cluster, or a file on one of its nodes, says of itself. */
export interface Told {
  field: FixedField
  is: string
  /** Who says so: "the cluster", "cp1: /etc/kubernetes/manifests/etcd.yaml". */
  from: string
}

/** What the inventory wants of a field; undefined when it wants nothing of it. */
export function wantedOf({ version, networking, etcd, runtime, network }: ClusterSpec, field: FixedField) {
  const wanted: Readonly<Record<FixedField, string | undefined>> = {
    'kubernetes.version': `v${version}`,
    'networking.podSubnet': networking.podSubnet,
    'networking.serviceSubnet': networking.serviceSubnet,
    'networking.dnsDomain': networking.dnsDomain,
    etcd: etcd.external ? 'external' : 'stacked',
    'etcd.dataDir': etcd.external ? undefined : etcd.dataDir,
    'etcd.endpoints': etcd.external?.endpoints.join(', '),
    runtime,
    network,
  }
  return wanted[field]
}

/** Whether what is and what is wanted are one: subnets as values, an external etcd while any endpoint stays. */
export function isSame(field: FixedField, is: string, wanted: string): boolean {
  if (field === 'etcd.endpoints') {
    const now = is.split(/, ?/)
    return wanted.split(', ').some((url) => now.includes(url))
  }
  return is === wanted || (field.endsWith('Subnet') && subnet(is) === subnet(wanted))
}

function subnet(text: string): string {
  const cidr = parseCidr(text)
  return cidr ? networkOf(cidr) : text
}
