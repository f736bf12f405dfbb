import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { archesOf } from '../../bundle/manifest.js'
import { bundledProgram } from '../../bundle/program-of.js'
import { catalog } from '../../catalog.js'
import { versionOf } from '../../cluster/context.js'
import { isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { groupBy } from '../../lib/group-by.js'
import type { Runtime } from '../../runtimes/runtime.js'
import { type KubernetesRepositories, kubernetesRepositories } from '../../sources/community-packages.js'
import { Digests } from '../../sources/digests.js'
import { kubernetesDownloads } from '../../sources/downloads.js'
import type { FetchOptions } from '../../sources/fetch-text.js'
import type { Programs } from '../../sources/program.js'
import { type ProjectReleases, projectReleases } from '../../sources/project-releases.js'
import { type Bases, kubernetesArches, sites } from '../../sources/urls.js'
import { projectsFetched } from '../../steps/programs/release-steps.js'

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
 * architectures of the nodes and the versions that they should run. Throws UserError as `kubernetesDownloads`.
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
    return {
      from: 'the bundle is for',
      arches: archesOf(bundle.manifest),
      program: (name, arch, version) => {
        if (names.includes(name)) mustHaveVersion(spec, bundle, version)
        return bundled(name, arch)
      },
    }
  if (spec.sources.kubernetes === 'packages')
    return { from: 'the packages of Kubernetes are for', arches: kubernetesArches, program: bundled }
  const digests = new Digests(cacheOf('digests'), options)
  const byVersion = groupBy(machines.filter(isNode), ({ release }) => release.wanted.version)
  const wishes = [...byVersion].map(async ([version, nodes]) => {
    const wish = { version, at: spec.at('kubernetes.version'), names, arches: archesOn(nodes) }
    return [version, await kubernetesDownloads(wish, basesOf(spec), digests, { ca })] as const
  })
  const downloads = new Map(await Promise.all(wishes))
  return {
    from: 'Kubernetes is released for',
    arches: kubernetesArches,
    program: (name, arch, version) => {
      const found = downloads.get(version)?.get(`${arch}/${name}`)
      if (found || !names.includes(name)) return found ?? bundled(name, arch)
      throw new UserError('preflight', `there is no ${name} ${version} for ${arch}`, {
        next: `use hosts with ${kubernetesArches.join(', ')}`,
      })
    },
  }
}

/** A bundle has the programs of one version. Throws UserError('inventory') for a node that should run another. */
function mustHaveVersion(spec: ClusterSpec, bundle: Bundle, version: string): void {
  const { kubernetesVersion } = bundle.manifest
  if (version === kubernetesVersion) return
  throw new UserError('inventory', `the bundle contains Kubernetes ${kubernetesVersion}, not ${version}`, {
    why: spec.at('binaries.bundle'),
    next: `use a bundle of Kubernetes ${version} for the nodes that should run that version`,
  })
}

const archesOn = (machines: readonly Machine[]): string[] => machines.map(({ facts }) => facts.arch)

/** Where nodes install Kubernetes as packages: by minor the repositories of their formats, with keys. Throws UserError as `kubernetesRepositories`. */
export async function repositoriesOf(
  spec: ClusterSpec,
  machines: readonly Machine[],
  options: FetchOptions,
): Promise<KubernetesRepositories> {
  if (spec.sources.kubernetes !== 'packages') return {}
  const byMinor = groupBy(machines.filter(isNode), ({ release }) => release.wanted.minor)
  const entries = [...byMinor].map(async ([minor, nodes]) => {
    const formats = nodes.map(({ os }) => os.packageFormat)
    const wish = { minor, at: spec.at('kubernetes.version'), formats }
    return [minor, await kubernetesRepositories(wish, basesOf(spec), cacheOf('keys'), options)] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

/** What nodes and etcd hosts download besides Kubernetes, with its digests. Throws UserError as `projectReleases`. */
export async function projectReleasesOf(
  spec: ClusterSpec,
  machines: readonly Machine[],
  options: FetchOptions,
): Promise<ProjectReleases> {
  const runtime = runtimeOf(spec)
  const wanted = projectsFetched({ runtime, spec })
  const etcd = spec.etcd.install.from === 'download' ? machines.filter(isEtcdHost) : []
  if (wanted.length + etcd.length === 0) return {}
  const wishes = [
    ...wanted.map((project) => ({ project, on: machines.filter(isNode) })),
    ...(etcd.length > 0 ? [{ project: 'etcd' as const, on: etcd }] : []),
  ].flatMap(({ project, on }) =>
    [...groupBy(on, ({ release }) => versionOf(spec, release.wanted, project))].map(([version, some]) => ({
      project,
      version,
      arches: archesOn(some),
    })),
  )
  const digests = new Digests(cacheOf('digests'), options)
  return projectReleases(wishes, basesOf(spec), digests, { ca: options.ca })
}

/** The runtime of a cluster, which is one for all nodes. */
export const runtimeOf = (spec: ClusterSpec): Runtime =>
  catalog.runtimeFor(spec.runtime, catalog.releaseFor(spec.version), spec.sources.runtime === 'download')

/** The directory of one kind of things that are kept between runs. */
export const cacheOf = (what: string): string => join(homedir(), '.cache', 'kubestrap', what)

/** Bases of the sites: the inventory's mirrors, else the public ones. */
export const basesOf = ({ sources: { mirrors } }: ClusterSpec): Bases => ({ ...sites, ...mirrors })
