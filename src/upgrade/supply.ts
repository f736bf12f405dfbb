import type { Context } from '../cluster/context.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { minorOf } from '../inventory/version.js'
import { releases } from '../kubernetes/releases/index.js'
import type { Release } from '../kubernetes/releases/release.js'
import { isOfMinor, newestVersion } from '../kubernetes/releases/versions.js'

/** Which versions of Kubernetes the source of an inventory has. */
export interface Supply {
  from: ClusterSpec['sources']['kubernetes']
  /** Whether this version can come from it, as far as can be known without asking. */
  has(version: string): boolean
  /** The newest version of a minor ("1.35") that is known to be there; undefined: none is. */
  newestOf(minor: string): string | undefined
}

/** Of the inventory and the bundle of a run. */
export function supplyIn({ spec, bundle }: Pick<Context, 'spec' | 'bundle'>): Supply {
  const { kubernetesVersion } = bundle.manifest
  return supplyOf(spec.sources.kubernetes, kubernetesVersion === '' ? undefined : kubernetesVersion)
}

/** A supply of downloads, by what the site says of its patch releases. Pure. */
export const supplyOfSite = (supply: Supply, patches: ReadonlyMap<string, string>): Supply => ({
  ...supply,
  newestOf: (minor) =>
    (supply.newestOf(minor) === undefined ? undefined : patches.get(minor)) ?? supply.newestOf(minor),
})

/** Of bundles for these versions. Pure. */
export const supplyOfBundles = (versions: readonly string[]): Supply => ({
  from: 'bundle',
  has: (version) => versions.includes(version),
  newestOf: (minor) => newestVersion(versions.filter((version) => isOfMinor(version, minor))),
})

/**
 * The versions of an inventory's source: of a bundle the one it is for, of downloads every one of a minor that kubestrap
 * knows, of packages those of minors that pkgs.k8s.io has. Pure.
 * @param bundleVersion what the bundle is for ("1.36.3"); needed where the source is a bundle
 * @param known default: every minor of src/kubernetes/releases
 */
export function supplyOf(
  from: ClusterSpec['sources']['kubernetes'],
  bundleVersion: string | undefined,
  known: readonly Release[] = releases,
): Supply {
  if (from === 'bundle')
    return {
      from,
      has: (version) => version === bundleVersion,
      newestOf: (minor) =>
        bundleVersion !== undefined && isOfMinor(bundleVersion, minor) ? bundleVersion : undefined,
    }
  const offered = new Map(
    known
      .filter(({ communityPackages }) => from === 'download' || communityPackages)
      .map(({ minor, patch }) => [minor, patch]),
  )
  return {
    from,
    has: (version) => offered.has(minorOf(version)),
    newestOf: (minor) => offered.get(minor),
  }
}
