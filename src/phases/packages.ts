import { type Context, nodes, runtimeSettings } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import { heldPackages } from '../resources/held-packages.js'
import { packages as packageStep } from '../resources/packages.js'
import { repositoryNeeds } from '../steps/host/repository-needs.js'
import { kubernetesHeldId, repositoryFor } from '../steps/programs/kubernetes-packages.js'
import { nodePackages } from '../steps/programs/needed-packages.js'
import { releaseSteps } from '../steps/programs/release-steps.js'
import { runtimeOrigin } from '../steps/programs/runtime-origin.js'
import { inTurn } from '../steps/rollout/in-turn.js'
import { fetchPackages } from './binaries.js'

/**
 * INPUTS: runtime, network, the names of packages in the family of the operating system.
 * OUTPUTS: the packages of runtime and network, of a load balancer on the same host, and the tools that the
 * kubelet calls, by one installation a host; the runtime's configuration is there before, so that the runtime
 * starts once. What a runtime that runs reads when it starts, and its programs, are replaced in the turn of the node.
 */
export const packages: Phase<Context> = {
  id: 'packages',
  title: 'Packages',
  about:
    'Container runtime, CNI plug-ins, and the tools that the kubelet calls: packages of the distribution, or downloads.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const { host, os, spec } = machine
      const { programMarks, restartEndsContainers, unit } = context.runtime
      const endsPods = restartEndsContainers || leavesRuntime(context, machine)
      const origin = context.runtime.released ? [] : [runtimeOrigin(machine)]
      const originNeeds = origin.map(({ id }) => `${host.name}/${id}` as const)
      const configuration = context.runtime
        .configuration(machine, runtimeSettings(context, machine))
        .map((step) => (step.needs ? { ...step, needs: [...step.needs, ...originNeeds] } : step))
        // what is looked up at each pull is for the images of this run, too
        .map((step) => {
          const reader = [unit, ...programMarks].find((one) => step.marks?.includes(one))
          if (reader === undefined) return step
          return inTurn(context, machine, step, { unit: reader, endsPods: endsPods && reader === unit })
        })
      const names = [...nodePackages(context, machine), ...fetchPackages(context, machine)]
      return [
        ...origin,
        ...configuration,
        packageStep(host, os, [...new Set(names)], {
          id: 'node',
          title: 'packages',
          starts: [unit],
          needs: [
            ...originNeeds,
            ...configuration.map((step) => `${host.name}/${step.id}`),
            ...repositoryNeeds(machine),
          ],
        }),
        // a runtime that runs has the programs that it began with: another shim would start no sandbox for it
        ...releaseSteps(context, machine).map((step) => inTurn(context, machine, step, { unit, endsPods })),
        ...(spec.os.hold ? heldSteps(context, machine) : []),
      ]
    }),
}

/** The runtime's packages alone: an upgrade of these stops every container. */
function heldSteps(context: Context, machine: Machine): Step[] {
  const { runtime } = context
  const { host, os } = machine
  if (runtime.packages(os).length === 0) return []
  // the package manager has one lock
  const after = repositoryFor(context, machine) ? kubernetesHeldId : 'packages:node'
  return [heldPackages(host, os, runtime.packages(os), [`${host.name}/${after}`])]
}
