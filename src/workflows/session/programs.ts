import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { archesOf } from '../../bundle/manifest.js'
import { bundledProgram } from '../../bundle/program-of.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { isNode, type Machine } from '../../phases/machine.js'
import { type KubernetesRepositories, kubernetesRepositories } from '../../sources/community-packages.js'
import { Digests } from '../../sources/digests.js'
import { kubernetesDownloads } from '../../sources/downloads.js'
import type { Programs } from '../../sources/program.js'
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
  { bundle, ca }: { bundle: Bundle; ca: string | undefined },
  machines: readonly Machine[],
  signal: AbortSignal | undefined,
): Promise<Programs> {
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
  const digests = new Digests(cacheOf('digests'), { ca, signal })
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
  ca: string | undefined,
  machines: readonly Machine[],
  signal: AbortSignal | undefined,
): Promise<KubernetesRepositories> {
  if (spec.sources.kubernetes !== 'packages') return {}
  const formats = machines.filter(isNode).map(({ os }) => os.packageFormat)
  const wish = { minor: spec.minor, at: spec.at('kubernetes.version'), formats }
  return kubernetesRepositories(wish, basesOf(spec), cacheOf('keys'), { ca, signal })
}

/** The directory of one kind of things that are kept between runs. */
export const cacheOf = (what: string): string => join(homedir(), '.cache', 'kubestrap', what)

/** Bases of the sites: the inventory's mirrors, else the public ones. */
export const basesOf = ({ sources: { mirrors } }: ClusterSpec): Bases => ({ ...sites, ...mirrors })
