import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { archesOf } from '../../bundle/manifest.js'
import { bundledProgram } from '../../bundle/program-of.js'
import { catalog } from '../../catalog.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { versionOf } from '../../phases/context.js'
import { isEtcdHost, isNode, type Machine } from '../../phases/machine.js'
import { projectsFetched } from '../../phases/release-steps.js'
import { type KubernetesRepositories, kubernetesRepositories } from '../../sources/community-packages.js'
import { Digests } from '../../sources/digests.js'
import { kubernetesDownloads } from '../../sources/downloads.js'
import type { FetchOptions } from '../../sources/fetch-text.js'
import type { Programs } from '../../sources/program.js'
import { type ProjectReleases, projectReleases } from '../../sources/project-releases.js'
import { type Bases, kubernetesArches, sites } from '../../sources/urls.js'

/** What every node gets of Kubernetes. */
const names = ['kubelet', 'kubectl']

/** For a command that only looks; asking it for anything is a bug. */
export const noPrograms: Programs = {
  from: 'nothing',
  arches: [],
  program: (name) => {
    throw new Error(`${name} was requested by a command that installs nothing`)
  },
}

/**
 * The programs of a run, by sources.kubernetes. Of what hosts download the digests are fetched here, for the
 * architectures of the nodes. Throws UserError as `kubernetesDownloads`.
 */
export async function programsOf(
  spec: ClusterSpec,
  bundle: Bundle,
  machines: readonly Machine[],
  options: FetchOptions,
): Promise<Programs> {
  const { ca } = options
  const bundled = (name: string, arch: string) => bundledProgram(bundle, name, arch)
  if (spec.sources.kubernetes === 'bundle')
    return { from: 'the bundle is for', arches: archesOf(bundle.manifest), program: bundled }
  const wish = {
    version: spec.version,
    at: spec.at('kubernetes.version'),
    names,
    arches: machines.filter(isNode).map(({ facts }) => facts.arch),
  }
  if (spec.sources.kubernetes === 'packages')
    return { from: 'the packages of Kubernetes are for', arches: kubernetesArches, program: bundled }
  const digests = new Digests(cacheOf('digests'), options)
  const downloads = await kubernetesDownloads(wish, basesOf(spec), digests, { ca })
  return {
    from: 'Kubernetes is released for',
    arches: kubernetesArches,
    program: (name, arch) => {
      const found = downloads.get(`${arch}/${name}`)
      if (found || !names.includes(name)) return found ?? bundled(name, arch)
      throw new UserError('preflight', `there is no ${name} ${spec.version} for ${arch}`, {
        next: `use hosts with ${kubernetesArches.join(', ')}`,
      })
    },
  }
}

/** Where nodes install Kubernetes as packages: the repositories of their formats, with keys. Throws UserError as `kubernetesRepositories`. */
export async function repositoriesOf(
  spec: ClusterSpec,
  machines: readonly Machine[],
  options: FetchOptions,
): Promise<KubernetesRepositories> {
  if (spec.sources.kubernetes !== 'packages') return {}
  const formats = machines.filter(isNode).map(({ os }) => os.packageFormat)
  const wish = { minor: spec.minor, at: spec.at('kubernetes.version'), formats }
  return kubernetesRepositories(wish, basesOf(spec), cacheOf('keys'), options)
}

/** What nodes and etcd hosts download besides Kubernetes, with its digests. Throws UserError as `projectReleases`. */
export async function projectReleasesOf(
  spec: ClusterSpec,
  machines: readonly Machine[],
  options: FetchOptions,
): Promise<ProjectReleases> {
  const runtime = catalog.runtimeFor(spec.runtime, spec.minor, spec.sources.runtime === 'download')
  const wanted = projectsFetched({ runtime, spec })
  const etcd = spec.etcd.install.from === 'download' ? machines.filter(isEtcdHost) : []
  if (wanted.length + etcd.length === 0) return {}
  const release = catalog.releaseFor(spec.version)
  const archesOf = (some: readonly Machine[]): string[] => some.map(({ facts }) => facts.arch)
  const wishes = [
    ...wanted.map((project) => ({ project, arches: archesOf(machines.filter(isNode)) })),
    ...(etcd.length > 0 ? [{ project: 'etcd' as const, arches: archesOf(etcd) }] : []),
  ].map((wish) => ({ ...wish, version: versionOf({ spec, release }, wish.project) }))
  const digests = new Digests(cacheOf('digests'), options)
  return projectReleases(wishes, basesOf(spec), digests, { ca: options.ca })
}

/** The directory of one kind of things that are kept between runs. */
export const cacheOf = (what: string): string => join(homedir(), '.cache', 'kubestrap', what)

/** Bases of the sites: the inventory's mirrors, else the public ones. */
export const basesOf = ({ sources: { mirrors } }: ClusterSpec): Bases => ({ ...sites, ...mirrors })
