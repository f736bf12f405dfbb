import type { ClusterSpec } from '../../inventory/spec.js'
import { template } from '../../lib/templates.js'
import { argumentList } from '../arguments.js'
import { writeAheadLog } from './data.js'
import { etcdFlags } from './flags.js'
import type { Founding } from './initial-cluster.js'

/** A unit of our own beside a package's: an upgrade of the package restarts nothing of ours. */
export const etcdUnit = 'kubestrap-etcd.service'
export const etcdUnitFile = `/etc/systemd/system/${etcdUnit}`
/**
 * On a host while its member begins and was not seen to take part yet. Without it a member starts with its data
 * only: one that has lost them would take part under an id that has voted, and etcd cannot always tell.
 */
export const beginningMark = '/etc/kubestrap/etcd/beginning'

/**
 * The unit of a member on a host of its own, with kubeadm's flags. Those that a Kubernetes release adds for its
 * own etcd are left out: which etcd this one is, its owner chooses.
 * @param program path of etcd
 */
export function etcdUnitText(
  { etcd }: Pick<ClusterSpec, 'etcd'>,
  host: { name: string; address: string },
  program: string,
  founding: Founding,
): string {
  const base = {
    ...etcdFlags(host, etcd.dataDir, founding),
    // etcd's default, said to whoever reads it
    'initial-cluster-state': founding.initialClusterState ?? 'new',
  }
  const flags = argumentList(base, etcd.extraArgs)
  return template(`etcd/${etcdUnit}`, {
    data: writeAheadLog(etcd.dataDir).replaceAll('%', '%%'),
    mark: beginningMark,
    command: [program, ...flags.map(unitArgument)].join(' \\\n  '),
  })
}

/** What a unit of ours tells its member of the cluster; undefined when it tells nothing. */
export function foundingInUnit(text: string): Founding | undefined {
  const initialCluster = flagIn(text, 'initial-cluster')
  if (initialCluster === undefined) return undefined
  return {
    initialCluster,
    ...(flagIn(text, 'initial-cluster-state') === 'existing' ? { initialClusterState: 'existing' } : {}),
  }
}

/** Where the data of a unit's member are; undefined when it does not say. */
export const dataDirInUnit = (text: string): string | undefined => flagIn(text, 'data-dir')

function flagIn(text: string, name: string): string | undefined {
  return new RegExp(`^ +"?--${name}=([^\\s"]*)`, 'm').exec(text)?.[1]
}

/** An argument as systemd reads command lines (systemd.service, "Command lines"; systemd.unit, "Specifiers"). */
function unitArgument(text: string): string {
  const escaped = text.replaceAll('%', '%%').replaceAll('$', '$$$$')
  return /^[A-Za-z0-9_@%+=:,./[\]$-]+$/.test(escaped)
    ? escaped
    : `"${escaped.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
}
