import type { Runtime } from '../runtimes/runtime.js'
import type { Machine } from './machine.js'

/** Nodes of a living cluster that run another container runtime than the inventory's, as a run finds them. */
export interface RuntimeChange {
  /** What they leave. */
  from: Runtime
  /** Names of the nodes that have not left it. */
  nodes: ReadonlySet<string>
  /** The API did not answer the look: this run may be what brings it back. */
  silent: boolean
}

/** Whether a machine leaves its container runtime in this run. */
export const leavesRuntime = (
  { runtimeChange }: { runtimeChange?: RuntimeChange | undefined },
  { spec }: Pick<Machine, 'spec'>,
): boolean => runtimeChange?.nodes.has(spec.name) === true
