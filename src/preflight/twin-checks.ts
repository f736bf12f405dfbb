import type { Context } from '../cluster/context.js'
import { isNode, type Machine } from '../cluster/machine.js'
import type { Interface } from '../host/facts/facts.js'
import { groupBy } from '../lib/group-by.js'
import { type Check, onTwins, type Problem } from './check.js'

/** Machines compared with each other: clones, and networks that are not what they seem. */
export const twinChecks: readonly Check[] = [
  {
    name: 'MachineId',
    about: 'No two machines have the same machine ID.',
    run: onTwins(
      ({ facts }) => facts.machineId,
      ({ facts }, twin) => ({
        severity: 'error',
        what: `same machine ID as ${twin.spec.name}: ${facts.machineId}`,
        next: 'a cloned machine? rm /etc/machine-id && systemd-machine-id-setup',
      }),
    ),
  },
  {
    name: 'ProductUuid',
    about: 'No two machines have the same product UUID, which nodes report as the system UUID.',
    // a warning: containers see their host's, and some boards leave the factory with one for all
    run: onTwins(
      ({ facts }) => facts.productUuid.toLowerCase(),
      ({ facts }, twin) => ({
        severity: 'warning',
        what: `same product UUID as ${twin.spec.name}: ${facts.productUuid}`,
        next: 'a cloned VM? set a unique UUID in its definition (VirtualBox: modifyvm --hardware-uuid)',
      }),
    ),
  },
  {
    name: 'Mac',
    about: 'No two machines have the same MAC address.',
    // a warning: VirtualBox gives the NAT interface of every machine the same
    run: onTwins(
      ({ facts }) => facts.macs[0] ?? '',
      ({ facts }, twin) => ({
        severity: 'warning',
        what: `same MAC address as ${twin.spec.name}: ${facts.macs[0]}`,
        next: 'a cloned machine? set a unique MAC address on its interface',
      }),
    ),
  },
  {
    name: 'Hostname',
    about: 'No two machines have the same host name; up sets the name from the inventory.',
    run: onTwins(
      (machine) => {
        const name = machine.facts.hostname.toLowerCase()
        return !isNode(machine) || name === 'localhost' ? '' : name
      },
      ({ facts, spec }, twin) => ({
        severity: 'warning',
        what: `same host name as ${twin.spec.name}: ${facts.hostname}`,
        next: `a cloned machine? up sets its host name to ${spec.name}`,
      }),
    ),
  },
  {
    name: 'NatAddress',
    about:
      'No two machines have the same outgoing address, as behind a NAT of their own, where nodes cannot reach each other.',
    run: ({ machines }) => {
      const byAddress = groupBy(machines, ({ facts }) => facts.defaultAddress)
      return machines.flatMap((machine) => {
        // two are enough: one of them is another
        const [first, second] = byAddress.get(machine.facts.defaultAddress) ?? []
        return natProblem(machine, first === machine ? second : first)
      })
    },
  },
  {
    name: 'Mtu',
    about: 'The interfaces between the machines have the same MTU.',
    run: ({ machines }) => mtuProblems(machines),
  },
]

function natProblem(machine: Machine, twin: Machine | undefined): Problem[] {
  const { spec, facts } = machine
  if (facts.defaultAddress === '' || !twin) return []
  const what = `its outgoing address is ${facts.defaultAddress}, as on ${twin.spec.name}`
  if (spec.address !== facts.defaultAddress)
    return [
      {
        host: spec.name,
        severity: 'warning',
        what: `${what}: behind a NAT of its own`,
        next: `the kubelet gets --node-ip ${spec.address}; software that chooses an interface by itself must be configured too (flannel: --iface)`,
      },
    ]
  const others = facts.interfaces
    .filter(({ name }) => name !== 'lo' && name !== facts.defaultInterface)
    .flatMap(({ addresses }) => addresses.filter((address) => !address.startsWith('fe80:')))
  return [
    {
      host: spec.name,
      severity: 'error',
      what: `${what}: nodes cannot reach each other at this address`,
      next:
        others.length > 0
          ? `set the host's address (${spec.at}) to the one that the other nodes reach: ${others.join(' or ')}`
          : 'add a second interface in a shared network to the machines, and use its address in the inventory',
    },
  ]
}

/** The interface other nodes reach it by. */
function nodeInterface({ spec, facts }: Machine): Interface | undefined {
  return (
    facts.interfaces.find(({ addresses }) => addresses.includes(spec.address)) ??
    facts.interfaces.find(({ name }) => name === facts.defaultInterface)
  )
}

function mtuProblems(machines: Context['machines']): Problem[] {
  const known = machines.flatMap((machine) => {
    const via = nodeInterface(machine)
    return via && via.mtu > 0 ? [{ name: machine.spec.name, via }] : []
  })
  const [first] = known
  if (!first) return []
  return known
    .filter(({ via }) => via.mtu !== first.via.mtu)
    .map(({ name, via }) => ({
      host: name,
      severity: 'warning',
      what: `${via.name} has MTU ${via.mtu}, ${first.via.name} of ${first.name} ${first.via.mtu}`,
      next: `set the same MTU (ip link set dev ${via.name} mtu ${first.via.mtu}, and in the network configuration), or large packets between Pods may be lost`,
    }))
}
