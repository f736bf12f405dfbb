import type { Digests } from './digests.js'
import type { Wanted } from './fetch-text.js'
import type { Program, Way } from './program.js'
import { type Bases, kubernetesArches, kubernetesProgram } from './urls.js'

/** What of Kubernetes is wanted, for which hosts. */
export interface KubernetesWish {
  version: string
  /** Where the version stands in the inventory. */
  at: string
  names: readonly string[]
  /** Of the hosts; one that there is no release for is left out. */
  arches: readonly string[]
}

/**
 * Programs of Kubernetes that hosts fetch, by "ARCH/NAME", with the digests that they are held to. Throws UserError: as
 * `Digests.of`, 'inventory' for a version that was not released.
 */
export async function kubernetesDownloads(
  { version, at, names, arches }: KubernetesWish,
  bases: Bases,
  digests: Pick<Digests, 'of' | 'again'>,
  way: Way,
): Promise<ReadonlyMap<string, Program>> {
  const missing: Wanted['missing'] = {
    kind: 'inventory',
    why: `kubernetes.version is ${version} (${at})`,
    next: 'set kubernetes.version to a version that was released; or the mirror (sources.mirrors.kubernetes) does not have it',
  }
  const released = [...new Set(arches)].filter((arch) => kubernetesArches.includes(arch))
  const programs = released.flatMap((arch) =>
    names.map(async (name): Promise<[string, Program]> => {
      const asset = kubernetesProgram(bases, version, arch, name)
      const sha256 = await digests.of(asset, missing)
      const doubt = () => digests.again(asset)
      return [`${arch}/${name}`, { name, sha256, origin: { kind: 'url', url: asset.url, way, doubt } }]
    }),
  )
  return new Map(await Promise.all(programs))
}
