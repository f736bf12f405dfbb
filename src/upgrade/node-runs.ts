import type { Running, RunningVersion } from '../cluster/running.js'
import type { RunningProgram } from '../kubernetes/releases/skew.js'
import { isVersion } from '../kubernetes/releases/versions.js'

/** Which versions of Kubernetes a node of the cluster runs, without the v; a program that is not there is absent. */
export interface NodeRuns {
  host: string
  apiServer?: string
  controllerManager?: string
  scheduler?: string
  kubelet?: string
  /** It is not reached in this run, and stays as it is; what it runs is what the API says. */
  away?: boolean
}

/** A program of which could not be said whether it runs, and as which version. */
export interface UnknownRuns {
  host: string
  program: string
  why: string
}

const programs = {
  apiServer: 'kube-apiserver',
  controllerManager: 'kube-controller-manager',
  scheduler: 'kube-scheduler',
  kubelet: 'kubelet',
} as const satisfies Partial<Record<keyof NodeRuns & keyof Running, RunningProgram['program']>>

type Field = keyof typeof programs

const fields = Object.keys(programs) as Field[]

/** What a control plane has as static Pods, in the order in which it is changed. */
export const planeFields = ['apiServer', 'controllerManager', 'scheduler'] as const

/** What was read of a machine (cluster/running.ts) as what it runs, and what is not known of it. Pure. */
export function nodeRuns(host: string, running: Running): { runs: NodeRuns; unknown: UnknownRuns[] } {
  const read = fields.map((field) => ({ field, ...readVersion(running[field]) }))
  const known = read.flatMap(({ field, version }) => (version === undefined ? [] : [[field, version]]))
  return {
    runs: { host, ...Object.fromEntries(known) },
    unknown: read.flatMap(({ field, why }) =>
      why === undefined ? [] : [{ host, program: programs[field], why }],
    ),
  }
}

/** The same as the version skew policy reads it (kubernetes/releases/skew.ts). Pure. */
export const runningPrograms = (nodes: readonly NodeRuns[]): RunningProgram[] =>
  nodes.flatMap((node) =>
    fields.flatMap((field): RunningProgram[] => {
      const version = node[field]
      return version === undefined ? [] : [{ program: programs[field], host: node.host, version }]
    }),
  )

export const programsOf = (node: NodeRuns): RunningProgram[] => runningPrograms([node])

/** Its API server, controller manager and scheduler. */
export const planePrograms = (node: NodeRuns): RunningProgram[] =>
  programsOf(node).filter(({ program }) => program !== 'kubelet')

export const planeVersions = (node: NodeRuns): string[] => planePrograms(node).map(({ version }) => version)

/** Of what a host says: an image's tag may be any word. */
function readVersion(of: RunningVersion): { version?: string; why?: string } {
  if (of === 'none') return {}
  if ('unknown' in of) return { why: of.unknown }
  return isVersion(of.version) ? of : { why: `${of.version} is not a version` }
}
