import { parseAddress } from '../../lib/cidr.js'
import { UserError } from '../../lib/errors.js'
import type { Role } from '../spec.js'
import { chooseEndpoint, type EndpointChoice } from './choose-endpoint.js'
import { freeSubnets, type Subnets } from './free-subnets.js'
import { hostForms } from './host-argument.js'
import { nodeAddress } from './node-address.js'
import { nodeNames } from './node-names.js'
import { type Look, sightOf } from './sight.js'
import { rolesInOrder, type WantedHost } from './wanted-hosts.js'
import { yamlComment } from './yaml-scalar.js'

/** What a person wants of an inventory, besides its hosts. */
export interface Wishes {
  /** "1.20.2" */
  version: string
  /** Undefined: hosts download programs and pull images. */
  bundle: string | undefined
  /** What creates it. */
  bundleCommand: string
  endpoint: string | undefined
  virtualIp: string | undefined
  runtime: string | undefined
  network: string | undefined
  /** Settings of every kubelet; {} for none. */
  kubeletConfig: Readonly<Record<string, boolean>>
  ssh: SshWishes
}

/** The section ssh as far as it was given. Secrets are references. */
export interface SshWishes {
  user?: string
  port?: number
  key?: string
  hostKeys?: 'strict' | 'accept-new'
  password?: string
  sudoPassword?: string
}

export interface DraftHost {
  name: string
  address: string
  /** What SSH dials, when it is not the address. */
  sshHost: string | undefined
  roles: readonly Role[]
  /** Printable ASCII; '' for none. */
  comment: string
}

/** An inventory that is to be written: data, no text yet. */
export interface Draft extends Wishes, Pick<EndpointChoice, 'loadBalancer' | 'notes'> {
  networking: Subnets | undefined
  hosts: readonly DraftHost[]
}

/**
 * An inventory of these hosts. Pure.
 * @param hosts each with what its look found
 * Throws UserError('usage') for hosts that cannot be in one inventory.
 */
export function draftOf(hosts: readonly { wanted: WantedHost; look: Look }[], wishes: Wishes): Draft {
  const names = nodeNames(hosts)
  const drafted = hosts
    .map(({ wanted, look }, i): DraftHost => {
      const address = nodeAddress(wanted, look)
      return {
        name: names[i] ?? '',
        address,
        sshHost: wanted.target === address ? undefined : wanted.target,
        roles: rolesInOrder.filter((role) => wanted.roles.includes(role)),
        comment: commentOf(look),
      }
    })
    .sort((a, b) => rank(a) - rank(b))
  refuseTwins(drafted)
  const asks = hosts.some(({ look }) => sightOf(look)?.root === 'sudo-asks')
  const choice = chooseEndpoint({ ...wishes, hosts: drafted })
  return {
    ...wishes,
    ...choice,
    notes: [...drafted.flatMap(addressNote), ...choice.notes],
    ssh:
      asks && wishes.ssh.sudoPassword === undefined ? { ...wishes.ssh, sudoPassword: 'prompt' } : wishes.ssh,
    networking: freeSubnets(
      [
        ...drafted.map(({ address }) => address),
        ...(choice.loadBalancer?.virtualIP ? [choice.loadBalancer.virtualIP] : []),
      ],
      hosts.flatMap(({ look }) => sightOf(look)?.addresses ?? []),
    ),
    hosts: drafted,
  }
}

/** A machine behind another address says itself which is its own: the reader should know. */
const addressNote = ({ name, address, sshHost }: DraftHost): string[] =>
  sshHost === undefined || !parseAddress(sshHost)
    ? []
    : [`${sshHost} is not assigned to ${name}: the node's address is ${address}, and SSH uses ${sshHost}`]

/** Roles in the order an inventory lists its hosts: that of the host's first, a control plane node before workers. */
const rank = ({ roles }: DraftHost): number =>
  roles.includes('control-plane')
    ? rolesInOrder.indexOf('control-plane')
    : Math.min(...roles.map((role) => rolesInOrder.indexOf(role)))

function commentOf(look: Look): string {
  if (look.kind === 'unseen') return look.tried ? 'could not be looked at' : ''
  const { system, arch, cluster } = look.sight
  const what = `${yamlComment(system)}, ${yamlComment(arch, 20)}`
  return cluster === undefined ? what : `${what}; ALREADY BELONGS TO ${yamlComment(cluster, 90)}`
}

function refuseTwins(hosts: readonly DraftHost[]): void {
  const seen = new Map<string, DraftHost>()
  for (const host of hosts) {
    const other = seen.get(host.address)
    if (other)
      throw new UserError(
        'usage',
        `${host.sshHost ?? host.address} and ${other.sshHost ?? other.address} are one machine: both have the address ${host.address}`,
        { next: `name each machine once: ${hostForms}` },
      )
    seen.set(host.address, host)
  }
}
