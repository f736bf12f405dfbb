import type { ClusterSpec } from '../inventory/spec.js'
import { exitCodes, UserError } from '../lib/errors.js'
import type { Command } from './command.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { inventoryWithout } from './inventory-without.js'
import { allOf, leavingOptions, removeHosts, said, withRole } from './leaving.js'
import { namedHosts } from './named-hosts.js'

export const removeCommand: Command = {
  name: 'remove <hosts..>',
  about:
    'Remove hosts from the cluster for good: drain them, remove etcd members, reset the hosts, delete Nodes, and edit the inventory if asked to.',
  example: 'kubestrap remove -i inventory.yaml --edit-inventory w2',
  options: {
    ...leavingOptions,
    gone: {
      type: 'boolean',
      default: false,
      describe: 'the hosts are lost: only remove their etcd members and Nodes from the cluster',
    },
    'edit-inventory': {
      type: 'boolean',
      default: false,
      describe: 'also delete the hosts from the inventory file; all other lines stay as they are',
    },
  },
  positionals: {
    hosts: { type: 'string', array: true, demandOption: true, describe: 'names of the hosts' },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const hosts = namedHosts(spec, values)
    refuseEnd(spec, hosts)
    const file = values['edit-inventory'] === true ? inventoryWithout(values, hosts) : undefined
    // before anything is changed
    await file?.check()
    const endpoint = endpointWarning(spec, hosts)
    return removeHosts(spec, values, {
      command: 'remove',
      hosts,
      gone: values.gone === true,
      warnings: endpoint,
      afterwards: async () => {
        await file?.write()
        return exitCodes.ok
      },
      closing: () => {
        const places = spec.hosts.filter(({ name }) => hosts.includes(name)).map(({ at }) => at)
        return [
          file
            ? `${hosts.join(', ')} removed from ${spec.file}.`
            : `Next: delete ${hosts.join(', ')} from the inventory (${places.join(', ')}), or kubestrap up adds ${hosts.join(', ')} again.`,
          `Then: kubestrap up${sameInventory(values)}, for what other hosts have of ${hosts.join(', ')}: load balancers, routes, etcd endpoints, /etc/hosts.`,
          ...endpoint,
        ]
      },
    })
  },
}

/** Without a control plane, or without etcd, there is no cluster that hosts could be removed from. */
function refuseEnd(spec: ClusterSpec, hosts: readonly string[]): void {
  for (const [role, what] of [
    ['control-plane', 'control plane'],
    ['etcd', 'etcd host'],
  ] as const) {
    const names = withRole(spec, role)
    if (names.length > 0 && allOf(names, hosts))
      throw new UserError('usage', `the cluster would end: ${said(names, what)}`, {
        next: 'to give up the cluster: kubestrap reset',
      })
  }
}

/** Kubelets that know the API by a host that leaves lose it until `up` tells them another. */
function endpointWarning(
  { endpoint, endpointAddress, hosts }: ClusterSpec,
  names: readonly string[],
): string[] {
  const own = [endpoint.host, endpointAddress]
  const host = hosts.find(({ name, address }) => names.includes(name) && own.includes(address))
  if (!host) return []
  return [
    `${host.name} is where the nodes find the API (${endpoint.host}${endpoint.host === host.address ? '' : ` is ${host.address} in /etc/hosts`}): they lose it until the endpoint is at another host and kubestrap up has run.`,
  ]
}
