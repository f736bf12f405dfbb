import type { Context } from '../cluster/context.js'
import { peerUrlOf } from '../cluster/etcd/access.js'
import { isControlPlane, isEtcdHost } from '../cluster/machine.js'
import { manifestFiles } from '../cluster/static-pod-files.js'
import type { HostSpec } from '../inventory/spec.js'
import { etcdClientUrl } from '../kubernetes/etcd/flags.js'
import { etcdUnitFile } from '../kubernetes/etcd/unit.js'
import type { Refusal } from './unchangeable.js'

/**
 * Hosts of the inventory that have an etcd member for which it gives them no role any more: by what lies on those that were
 * reached, and by what etcd says of the others. Such a member would count for the quorum, and nothing would keep its
 * certificates and its version. Nothing is changed.
 */
export async function formerMembers({
  spec,
  machines,
  etcdHosts,
  away,
}: Pick<Context, 'spec' | 'machines' | 'etcdHosts' | 'away'>): Promise<Refusal[]> {
  const endpoints = spec.etcd.external?.endpoints ?? []
  const onDisk = await Promise.all(
    machines.map(async (machine) => {
      const [unit, manifest] = await Promise.all([
        isEtcdHost(machine) ? undefined : machine.host.stat(etcdUnitFile),
        isControlPlane(machine) ? undefined : machine.host.stat(manifestFiles.etcd),
      ])
      return [unit, manifest].some((state) => state && state.kind !== 'absent') ? [machine.spec] : []
    }),
  )
  const known = etcdHosts?.members.flatMap(({ peerUrls }) => peerUrls) ?? []
  const silent = spec.hosts.filter(
    (host) => away.has(host.name) && !isEtcdHost({ spec: host }) && known.includes(peerUrlOf(host)),
  )
  return [...onDisk.flat(), ...silent]
    .filter(({ address }) => !endpoints.includes(etcdClientUrl(address)))
    .map((host) => refusal(host, away.has(host.name)))
}

const refusal = ({ name, roles }: HostSpec, lost: boolean): Refusal => ({
  field: `hosts.${name}.roles`,
  is: 'an etcd member',
  wanted: roles.join(', '),
  way: `run kubestrap reset ${name}, which removes the member if etcd keeps a quorum without it, and clears the host${lost ? ' (if the host is lost: kubestrap reset --gone)' : ''}; then kubestrap up with the roles of now`,
})
