import { clusterRelease } from '../cluster/cluster-release.js'
import type { Context } from '../cluster/context.js'
import { tagOf } from '../cluster/static-pod-files.js'
import type { Upgrade } from '../cluster/upgrade.js'
import { hostsWithRole } from '../inventory/select.js'
import { imageFor } from '../kubernetes/images.js'
import { sameMinor } from '../kubernetes/releases/order.js'
import { isVersion, knownRelease, oldestVersion } from '../kubernetes/releases/versions.js'
import type { OnDisk } from './read-on-disk.js'
import type { LivingNode } from './unchangeable.js'

/** What an upgrade is known by. */
export interface Versions {
  /** What lies on the nodes' disks: versions of static Pods. */
  disk: Pick<OnDisk, 'versions' | 'etcdTags'>
  /** Nodes with the versions of their kubelets: as the API has them, or where it is silent as their programs say. */
  nodes: readonly Pick<LivingNode, 'name' | 'kubelet'>[]
  /** The API did not answer. */
  silent: boolean
}

/**
 * The upgrade that an inventory asks of a living cluster; undefined where every machine that was seen runs its version
 * already. Whether it may be made is another question (version-change.ts). Pure.
 */
export function upgradeOf(
  context: Pick<Context, 'spec' | 'machines'>,
  { disk, nodes, silent }: Versions,
): Upgrade | undefined {
  const to = clusterRelease(context).version
  const wanted = `v${to}`
  // one that is away is caught up when it is reached again
  const hosts = new Set(context.machines.map(({ spec }) => spec.name))
  const kubelets = nodes.filter(
    ({ name, kubelet = '' }) => hosts.has(name) && kubelet !== '' && kubelet !== wanted,
  )
  const pods = [...disk.versions].filter(([, versions]) => versions.some((one) => one !== wanted))
  const told = [...pods.flatMap(([, versions]) => versions), ...kubelets.map(({ kubelet = '' }) => kubelet)]
  const from = oldestVersion(told.map((text) => text.replace(/^v/, '')).filter(isVersion))
  if (from === undefined) return undefined
  const changing = new Map(pods)
  const planes = hostsWithRole(context.spec, 'control-plane').flatMap(({ name }) =>
    changing.has(name) ? [name] : [],
  )
  const minors = kubelets.filter(({ kubelet = '' }) => !sameMinor(kubelet, wanted))
  return {
    from,
    to,
    planes,
    untouched: new Set(planes.filter((name) => changing.get(name)?.includes(wanted) === false)),
    begun:
      planes.length === 0 ||
      [...disk.versions.values()].some((versions) => versions.includes(wanted)) ||
      hasNewEtcd(context, disk.etcdTags, from),
    silent,
    kubelets: new Set(kubelets.map(({ name }) => name)),
    drained: new Set(minors.map(({ name }) => name)),
  }
}

/**
 * etcd is the first that an upgrade replaces, one member at a time: a member runs the new one, which the old release did not
 * bring, and another does not. (Where all run the new one nothing of an upgrade was begun: etcd was changed by itself before.)
 */
function hasNewEtcd(
  context: Pick<Context, 'spec' | 'machines'>,
  tags: ReadonlyMap<string, string>,
  from: string,
): boolean {
  const before = knownRelease(from)
  if (before === undefined || context.spec.etcd.external) return false
  const [old, wanted] = [before, clusterRelease(context)].map((release) =>
    tagOf(imageFor('etcd', context.spec, release)),
  )
  const are = [...tags.values()]
  const several = hostsWithRole(context.spec, 'control-plane').length > 1
  return (
    old !== wanted &&
    wanted !== undefined &&
    are.includes(wanted) &&
    !(several && are.every((tag) => tag === wanted))
  )
}
