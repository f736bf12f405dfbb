import type { Interface } from '../../host/facts/facts.js'
import type { Context } from '../context.js'
import { isNode, type Machine } from '../machine.js'
import { type Check, onTwins, type Problem } from './check.js'

/** Machines compared with each other: clones, and networks that are not what they seem. */
export const twinChecks: readonly Check[] = [
  {
    name: 'MachineId',
    about: 'No two machines share a machine id.',
    run: onTwins(
      ({ facts }) => facts.machineId,
      ({ facts }, twin) => ({
        severity: 'error',
        what: `same machine id as ${twin.spec.name}: ${facts.machineId}`,
        next: 'cloned machine: rm /etc/machine-id && systemd-machine-id-setup',
      }),
    ),
  },
  {
    name: 'ProductUuid',
    about: "No two machines share a product UUID, which nodes tell as the system's.",
    // a warning: containers see their host's, and some boards leave the factory with one for all
    run: onTwins(
      ({ facts }) => facts.productUuid.toLowerCase(),
      ({ facts }, twin) => ({
        severity: 'warning',
        what: `same product UUID as ${twin.spec.name}: ${facts.productUuid}`,
        next: 'a cloned VM? give it one of its own in its definition (VirtualBox: modifyvm --hardware-uuid)',
      }),
    ),
  },
  {
    name: 'Mac',
    about: 'No two machines share a hardware address.',
    // a warning: VirtualBox gives the NAT interface of every machine the same
    run: onTwins(
      ({ facts }) => facts.macs[0] ?? '',
      ({ facts }, twin) => ({
        severity: 'warning',
        what: `same hardware address as ${twin.spec.name}: ${facts.macs[0]}`,
        next: 'a cloned machine? give its interface another address',
      }),
    ),
  },
  {
    name: 'Hostname',
    about: 'No two nodes have the same host name; up gives each the name of the inventory.',
    run: onTwins(
      (machine) => {
        const name = machine.facts.hostname.toLowerCase()
        return !isNode(machine) || name === 'localhost' ? '' : name
      },
      ({ facts, spec }, twin) => ({
        severity: 'warning',
        what: `same host name as ${twin.spec.name}: ${facts.hostname}`,
        next: `a cloned machine? up names it ${spec.name}`,
      }),
    ),
  },
  {
    name: 'NatAddress',
    about: 'No two machines go out from the same address: a NAT of their own, where nodes do not meet.',
    run: ({ machines }) => machines.flatMap((machine) => natProblem(machine, machines)),
  },
  {
    name: 'Mtu',
    about: 'The interfaces between the machines carry packets of the same size.',
    run: ({ machines }) => mtuProblems(machines),
  },
]

function natProblem(machine: Machine, machines: Context['machines']): Problem[] {
  const { spec, facts } = machine
  const twin = machines.find(
    (other) => other !== machine && other.facts.defaultAddress === facts.defaultAddress,
  )
  if (facts.defaultAddress === '' || !twin) return []
  const what = `it goes out from ${facts.defaultAddress}, as ${twin.spec.name} does`
  if (spec.address !== facts.defaultAddress)
    return [
      {
        host: spec.name,
        severity: 'warning',
        what: `${what}: a NAT of its own`,
        next: `its kubelet is told node-ip ${spec.address}; what chooses an interface by itself must be told too (flannel: --iface)`,
      },
    ]
  const others = facts.interfaces
    .filter(({ name }) => name !== 'lo' && name !== facts.defaultInterface)
    .flatMap(({ addresses }) => addresses.filter((address) => !address.startsWith('fe80:')))
  return [
    {
      host: spec.name,
      severity: 'error',
      what: `${what}: no node reaches another there`,
      next:
        others.length > 0
          ? `write as its address (${spec.at}) the one the other nodes reach: ${others.join(' or ')}`
          : 'give the machines a second interface in a network they share, and write its address',
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
      next: `set them alike (ip link set dev ${via.name} mtu ${first.via.mtu}, and for the next boot), or large packets between pods may get lost`,
    }))
}
