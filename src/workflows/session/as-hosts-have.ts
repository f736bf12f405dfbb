import { catalog } from '../../catalog.js'
import { type Connected, isNode, planesFirst } from '../../cluster/machine.js'
import type { OpenSource } from '../../inventory/choice.js'
import { hostsWithRole } from '../../inventory/select.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { boundMissed } from '../../kubernetes/releases/runtime-range.js'
import type { OperatingSystem } from '../../os/os.js'
import { lookAtPackages, type PackagesSeen, presenceOf } from '../../preflight/package-look.js'
import { numbersIn } from '../../preflight/versions.js'

/** What the host's record of a download is called. */
const projects: Readonly<Record<OpenSource, string>> = { runtime: 'containerd', cniPlugins: 'cniPlugins' }

/**
 * The inventory with downloads in the place of packages that new nodes cannot have, or not in a version that the kubelet
 * works with, where it does not name the source. One source is for the whole cluster. A cluster that lives keeps its own, as its
 * nodes have it, control planes before workers: what lies on a host that is to join says nothing of it. A birth that was cut
 * goes on as it began, or begins anew where nothing of the part is there yet. Packages of a host to which the inventory
 * adds repositories may come from these.
 * @param ask false: by what is there alone
 */
export async function asHostsHave(
  spec: ClusterSpec,
  machines: readonly Connected[],
  ask: boolean,
): Promise<ClusterSpec> {
  const nodes = machines.filter(isNode)
  const downloaded = (source: OpenSource, { facts }: Connected): boolean =>
    facts.downloads.includes(projects[source])
  /** Undefined: no node of the cluster has the part yet. */
  const lived = (source: OpenSource): boolean | undefined => {
    const first = planesFirst(nodes).find(({ facts }) => facts.kubernetes && facts.nodeParts.includes(source))
    return first && downloaded(source, first)
  }
  const undecided = spec.unsetSources.filter((source) => lived(source) === undefined)
  const begun = undecided.filter((source) => nodes.some((node) => downloaded(source, node)))
  const kept = spec.unsetSources.filter((source) => lived(source) ?? begun.includes(source))
  const open = undecided.filter((source) => !begun.includes(source))
  // with a bundle hosts download nothing by themselves
  const isBorn =
    ask &&
    spec.sources.kubernetes !== 'bundle' &&
    // one that is away may be of a cluster that lives
    hostsWithRole(spec, 'control-plane').every((plane) => nodes.some((node) => node.spec.name === plane.name))
  const lacking = isBorn ? await Promise.all(nodes.map((node) => lackingOn(spec, node, open))) : []
  const downloads = [...kept, ...open.filter((source) => lacking.some((some) => some.includes(source)))]
  return downloads.length === 0 ? spec : spec.keeping({ downloads })
}

/** The sources that packages of this node are none for. */
async function lackingOn(
  spec: ClusterSpec,
  node: Connected,
  open: readonly OpenSource[],
): Promise<OpenSource[]> {
  const { os } = node
  if (node.spec.os.repositories.length > 0) return []
  const release = catalog.releaseFor(spec.version)
  const names: Readonly<Record<OpenSource, readonly string[]>> = {
    runtime: catalog.runtimeFor(spec.runtime, release).packages(os),
    cniPlugins: catalog.networks.find(({ id }) => id === spec.network)?.packages(os) ?? [],
  }
  const { least, below } = release.containerd
  const asked = open.flatMap((source) =>
    names[source].filter(
      (name) => os.elsewhere.includes(name) || (source === 'runtime' && (least ?? below) !== undefined),
    ),
  )
  if (asked.length === 0) return []
  const seen = await lookAtPackages(node, asked)
  return open.filter((source) => {
    if (names[source].some((name) => isAbsent(os, name, seen, spec.sources.proxy !== undefined))) return true
    const version = source === 'runtime' ? comingVersion(os, seen) : ''
    return version !== '' && boundMissed(release.containerd, version) !== undefined
  })
}

/**
 * Its system does not have it, and its package manager knows of no repository that does. One that could not say has not said
 * so; where it needs a proxy, of which it knows nothing yet, what is known of the system stands.
 */
function isAbsent(os: OperatingSystem, name: string, seen: PackagesSeen, proxy: boolean): boolean {
  if (!os.elsewhere.includes(name)) return false
  const presence = presenceOf(seen, name)
  return presence === 'unknown' ? proxy : presence === 'absent'
}

/** The containerd that its package would bring: "1.7.24"; '' where that is not known, or where one is installed already. */
function comingVersion(os: OperatingSystem, seen: PackagesSeen): string {
  const found = seen === 'unknown' ? undefined : seen.get(os.packages.containerd[0] ?? '')
  if (found?.installed !== undefined) return ''
  return found?.offered === undefined ? (os.containerd ?? '') : numbersIn(found.offered)
}
