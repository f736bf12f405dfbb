import { changed, newSkewProblems, type RunningProgram } from '../kubernetes/releases/skew.js'
import { isOlder } from '../kubernetes/releases/versions.js'
import { type NodeRuns, planeFields, planePrograms, runningPrograms } from './node-runs.js'

/** Programs of a machine in a hop; what it has of `to` already, or newer, stays. */
export interface VersionChange {
  /** The oldest of them. */
  from: string
  to: string
}

/** A machine that a hop changes. */
export interface HopMachine {
  host: string
  /** API server, controller manager and scheduler. */
  controlPlane?: VersionChange
  kubelet?: VersionChange
}

/** The changes of one machine, program by program, in their order. */
export function programChanges(node: NodeRuns, { controlPlane, kubelet }: HopMachine): RunningProgram[] {
  const to = controlPlane?.to
  return [
    ...(to === undefined ? [] : planePrograms(node).filter(({ version }) => isOlder(version, to))).map(
      (program) => ({ ...program, version: to ?? program.version }),
    ),
    ...(kubelet ? [{ program: 'kubelet' as const, host: node.host, version: kubelet.to }] : []),
  ]
}

/** What runs when a hop has been made. Pure. */
export function after(nodes: readonly NodeRuns[], machines: readonly HopMachine[]): NodeRuns[] {
  const by = new Map(machines.map((machine) => [machine.host, machine]))
  return nodes.map((node) => {
    const { controlPlane, kubelet } = by.get(node.host) ?? {}
    const to = controlPlane?.to
    const older = planeFields.filter((field) => {
      const version = node[field]
      return to !== undefined && version !== undefined && isOlder(version, to)
    })
    return {
      ...node,
      ...Object.fromEntries(older.map((field) => [field, to])),
      ...(kubelet ? { kubelet: kubelet.to } : {}),
    }
  })
}

/** What a hop would break of the version skew policy, in its own order: hosts that are away do not come along. */
export function broken(nodes: readonly NodeRuns[], machines: readonly HopMachine[]): string[] {
  const all = machines.flatMap((machine) =>
    nodes.filter(({ host }) => host === machine.host).flatMap((node) => programChanges(node, machine)),
  )
  const isKubelet = ({ program }: RunningProgram): boolean => program === 'kubelet'
  let running = runningPrograms(nodes)
  return [...all.filter((one) => !isKubelet(one)), ...all.filter(isKubelet)].flatMap((change) => {
    const found = newSkewProblems(running, change).map(({ text }) => text)
    running = changed(running, change)
    return found
  })
}
