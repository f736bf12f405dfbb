import { systemId, systemVersion } from '../../../bundle/decode-manifest.js'
import { type BundleArch, bundleArches } from '../../../bundle/manifest.js'
import { catalog } from '../../../catalog.js'
import type { Connected } from '../../../cluster/machine.js'
import { released } from '../../../cluster/with-releases.js'
import type { ClusterSpec } from '../../../inventory/spec.js'
import { UserError } from '../../../lib/errors.js'
import { groupBy } from '../../../lib/group-by.js'
import { downloads, type PackageContext, rolePackages } from '../../../steps/programs/needed-packages.js'
import { runtimeOf } from '../../session/programs.js'
import { pick } from '../bundle-wish.js'

/** The packages that hosts of one system need. */
export interface SystemWish {
  /** ID and VERSION_ID of os-release(5). */
  os: string
  version: string
  arch: BundleArch
  /** Names by what is installed at once; services that keep the clock exclude each other. */
  groups: readonly (readonly string[])[]
  /** Hosts of the system. */
  hosts: readonly Connected[]
}

/** For messages: "debian 12 on amd64". */
export const systemOf = ({ os, version, arch }: Pick<SystemWish, 'os' | 'version' | 'arch'>): string =>
  `${os}${version === '' ? '' : ` ${version}`} on ${arch}`

/**
 * By system what hosts of the inventory need: each may get any of their roles. What a host has already counts as needed.
 * Throws UserError: 'preflight' for a host that names no system, 'inventory' where packages can be downloaded for none.
 * @param say told of systems that are left out
 */
export function systemWishes(
  spec: ClusterSpec,
  connected: readonly Connected[],
  say: (line: string) => void,
): SystemWish[] {
  const systems = groupBy(connected, ({ facts: { os, arch } }) => `${os.id} ${os.version} ${arch}`)
  const refused: UserError[] = []
  const wishes = [...systems.values()].flatMap((hosts): SystemWish[] => {
    const [first] = hosts
    if (!first) throw new Error('a group without hosts')
    const { facts, os } = first
    mustBeSystem(first)
    const arch = bundleArches.find((one) => one === facts.arch)
    const system = { os: facts.os.id, version: facts.os.version, arch: arch ?? 'amd64' }
    if (arch === undefined || !os.collecting || !os.offline || os.packageFormat !== 'deb') {
      refused.push(cannotCollect(first))
      say(`no packages for ${facts.os.name} on ${facts.arch}: apt alone can download them`)
      return []
    }
    const all = spec.hosts.map((one) => ({ ...first, spec: one }))
    return [{ ...system, groups: groupsOf(spec, all), hosts }]
  })
  const [none] = refused
  if (wishes.length === 0 && none) throw none
  return wishes
}

/** Throws UserError('preflight'): what a host says of its system becomes part of a path here. */
function mustBeSystem({ spec, facts: { os } }: Connected): void {
  if (systemId.test(os.id) && systemVersion.test(os.version)) return
  throw new UserError('preflight', 'the host names no system', {
    host: spec.name,
    why: `ID and VERSION_ID of its os-release are ${JSON.stringify(os.id.slice(0, 60))} and ${JSON.stringify(os.version.slice(0, 60))}`,
    next: 'check /etc/os-release on the host: the distribution writes it',
  })
}

const cannotCollect = ({ spec, facts, os }: Connected): UserError =>
  new UserError('inventory', `bundle create cannot download packages for ${facts.os.name} yet`, {
    host: spec.name,
    why: `apt alone can do that, for ${bundleArches.join(' and ')}; this is ${os.id} on ${facts.arch}`,
    next: 'leave --os-packages out, and let these hosts have a mirror of their repositories',
  })

function groupsOf(spec: ClusterSpec, hosts: readonly Connected[]): (readonly string[])[] {
  const release = catalog.releaseFor(spec.version)
  const machines = hosts.map((one) => released(one, release))
  const context = contextOf(spec)
  const fetching = downloads(context) ? ['curl', 'ca-certificates', 'tar', 'gzip'] : []
  const names = machines.flatMap((machine) => [...rolePackages(context, machine), ...fetching])
  const clocks = machines.flatMap(({ os, spec: own }) => {
    if (own.timeSync === false) return []
    const wanted =
      own.timeSync === undefined ? os.timeSync[0] : os.timeSync.find(({ id }) => id === own.timeSync)
    return wanted ? [wanted.packages] : []
  })
  const different = new Map(clocks.map((packages) => [packages.join(' '), packages]))
  return [[...new Set(names)].sort(), ...different.values()].filter((group) => group.length > 0)
}

/** What decides on packages. */
const contextOf = (spec: ClusterSpec): PackageContext => ({
  spec,
  runtime: runtimeOf(spec),
  network: pick(catalog.networks, spec.network),
  balancer: spec.loadBalancer && pick(catalog.balancers, spec.loadBalancer.type),
  kubernetesRepositories: {},
})
