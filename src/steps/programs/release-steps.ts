import { type Context, versionOf } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { binary } from '../../resources/binary.js'
import { unpacked } from '../../resources/unpacked.js'
import type { ReleasedPart } from '../../runtimes/runtime.js'
import type { Project } from '../../sources/urls.js'
import { downloadNeeds } from '../host/proxy-settings.js'

/** The plug-ins that Pod networks of kubestrap name, and others that configurations chain with them. */
const plugins = ['bandwidth', 'bridge', 'firewall', 'host-local', 'loopback', 'portmap', 'ptp', 'tuning']

type Part =
  | ReleasedPart
  | { project: 'cniPlugins'; files: readonly (readonly [from: string, to: string])[]; trees?: undefined }

/** What nodes fetch besides Kubernetes: of the runtime, and the CNI plug-ins where sources says so. */
const partsOf = ({ runtime, spec }: Pick<Context, 'runtime' | 'spec'>): readonly Part[] => [
  ...(runtime.released ?? []),
  ...(spec.sources.cniPlugins === 'download'
    ? [
        {
          project: 'cniPlugins' as const,
          files: plugins.map((name) => [name, `/opt/cni/bin/${name}`] as const),
        },
      ]
    : []),
]

/** The projects of which nodes fetch releases. */
export const projectsFetched = (context: Pick<Context, 'runtime' | 'spec'>): Part['project'][] =>
  partsOf(context).map(({ project }) => project)

const titles: Readonly<Record<Part['project'], string>> = {
  containerd: 'containerd',
  runc: 'runc',
  cniPlugins: 'CNI plug-ins',
}

/** Those parts of a node, which is held to the digests of their releases. None where there is no release for its architecture. */
export function releaseSteps(context: Context, machine: Machine): Step[] {
  const { host, facts, release: own } = machine
  const needs = downloadNeeds(machine)
  return partsOf(context).flatMap((part): Step[] => {
    const { project } = part
    const version = versionOf(context.spec, own.wanted, project)
    const release = context.projectReleases[project satisfies Project]?.get(version)?.get(facts.arch)
    if (!release) return []
    const marks = project === 'cniPlugins' ? [] : [context.runtime.unit]
    if ('files' in part)
      return [
        unpacked(host, {
          name: project,
          title: titles[project],
          archive: release,
          files: part.files,
          trees: part.trees ?? [],
          marks,
          needs,
        }),
      ]
    const { sha256, ...origin } = release
    const program = { name: project, sha256, origin: { kind: 'url' as const, ...origin } }
    return [binary(host, { program, path: part.path, marks, needs })]
  })
}

/** Directories that the runtime's downloaded programs fill: with it they go. */
export const releasedTrees = ({ runtime }: Pick<Context, 'runtime'>): string[] =>
  (runtime.released ?? []).flatMap((part) => ('files' in part ? (part.trees ?? []) : []))

/** Paths of the runtime's programs that no package brings. */
export const releasedPaths = ({ runtime }: Pick<Context, 'runtime'>): string[] =>
  (runtime.released ?? []).flatMap((part) => ('files' in part ? part.files.map(([, to]) => to) : [part.path]))
