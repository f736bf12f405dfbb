import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Bundle } from '../../bundle/bundle.js'
import { bundledProgram } from '../../bundle/program-of.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { isNode, type Machine } from '../../phases/machine.js'
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
  const bundled = (name: string) => bundledProgram(bundle, name)
  if (spec.sources.kubernetes === 'bundle')
    return { from: 'the bundle is for', arches: [bundle.manifest.arch], program: bundled }
  const wish = {
    version: spec.version,
    at: spec.at('kubernetes.version'),
    names,
    arches: machines.filter(isNode).map(({ facts }) => facts.arch),
  }
  const digests = new Digests(join(homedir(), '.cache', 'kubestrap', 'digests'), { ca, signal })
  const downloads = await kubernetesDownloads(wish, basesOf(spec), digests, { ca })
  return {
    from: 'Kubernetes is released for',
    arches: kubernetesArches,
    program: (name, arch) => {
      const found = downloads.get(`${arch}/${name}`)
      if (found || !names.includes(name)) return found ?? bundled(name)
      throw new UserError('preflight', `there is no ${name} ${spec.version} for ${arch}`, {
        next: `use hosts with ${kubernetesArches.join(', ')}`,
      })
    },
  }
}

const basesOf = ({ sources: { mirrors } }: ClusterSpec): Bases => ({ ...sites, ...mirrors })
