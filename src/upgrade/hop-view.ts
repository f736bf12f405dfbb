import type { Context } from '../cluster/context.js'
import { withReleases } from '../cluster/with-releases.js'
import { InventoryError } from '../inventory/problem.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { releaseFor } from '../kubernetes/releases/index.js'
import type { HopView, Looks } from './checks/check.js'
import type { Hop } from './hops.js'

/** Programs that a container runtime requires besides its packages, for a minor: "cri-dockerd". */
export type ProgramsFor = (runtime: string, minor: string) => readonly string[]

/** A hop as checks look at it. Pure. */
export function hopView(
  context: Context,
  hop: Hop,
  first: boolean,
  looks: Looks,
  programsFor: ProgramsFor,
): HopView {
  const to = releaseFor(hop.to)
  const { spec, problems } = atVersion(context.spec, hop.to)
  const { binaries } = context.bundle.manifest
  return {
    hop,
    first,
    to,
    context: { ...withReleases(context, () => to), spec },
    spec,
    inventory: problems,
    missingPrograms: programsFor(spec.runtime, to.minor).filter(
      (name) => spec.runtimePrograms[name] === undefined && binaries.every((one) => one.name !== name),
    ),
    looks,
  }
}

/** The inventory for a version; where it does not go with that, as it is written, and what is wrong. */
function atVersion(
  spec: ClusterSpec,
  version: string,
): { spec: ClusterSpec; problems: InventoryError['problems'] } {
  try {
    return { spec: spec.atVersion(version), problems: [] }
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error
    return { spec, problems: error.problems }
  }
}
