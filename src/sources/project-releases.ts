import { groupBy } from '../lib/group-by.js'
import type { Digests } from './digests.js'
import type { Doubt } from './doubt.js'
import type { Way } from './program.js'
import { type Bases, kubernetesArches, type Project, projectRelease } from './urls.js'

/** A file of a release that hosts fetch: an archive, or a program. */
export interface ReleaseFile {
  url: string
  /** Of the file, lower-case hex; undefined: not known to a command that fetches nothing. */
  sha256: string | undefined
  way: Way
  doubt?: Doubt
}

/** A project in one version, for these architectures; each version of a project is wished once. */
export interface ProjectWish {
  project: Project
  version: string
  arches: readonly string[]
}

/** Files of releases by project, version and architecture; a project that no host downloads is absent. */
export type ProjectReleases = Readonly<
  Partial<Record<Project, ReadonlyMap<string, ReadonlyMap<string, ReleaseFile>>>>
>

/** What hosts fetch of projects on GitHub, with the digests that they publish. Throws UserError as `Digests.of`. */
export async function projectReleases(
  wishes: readonly ProjectWish[],
  bases: Bases,
  digests: Pick<Digests, 'of' | 'again'>,
  way: Way,
): Promise<ProjectReleases> {
  const entries = wishes.map(async ({ project, version, arches }) => {
    const released = [...new Set(arches)].filter((arch) => kubernetesArches.includes(arch))
    const files = released.map(async (arch): Promise<[string, ReleaseFile]> => {
      const asset = projectRelease(bases, project, version, arch)
      const sha256 = await digests.of(asset, {
        kind: 'inventory',
        why: `sources.versions.${project} is ${version}, by default or in the inventory`,
        next: `set sources.versions.${project} to a version that was released; or the mirror (sources.mirrors.github) does not have it`,
      })
      return [arch, { url: asset.url, sha256, way, doubt: () => digests.again(asset) }]
    })
    return { project, version, files: new Map(await Promise.all(files)) }
  })
  const found = groupBy(await Promise.all(entries), ({ project }) => project)
  return Object.fromEntries(
    [...found].map(([project, versions]) => [
      project,
      new Map(versions.map(({ version, files }) => [version, files])),
    ]),
  )
}
