import { type Context, nodes } from '../cluster/context.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import { service } from '../resources/service.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'

/**
 * INPUTS: the installed runtime.
 * OUTPUTS: the runtime runs, with kubestrap's configuration, now and after a reboot.
 */
export const runtime: Phase<Context> = {
  id: 'runtime',
  title: 'Container runtime',
  about: 'Configures and starts the container runtime.',
  steps: (context) =>
    nodes(context).flatMap((machine) => [
      service(machine.host, {
        unit: context.runtime.unit,
        title: context.runtime.id,
        check: context.runtime.checkScript,
        within: nodeTransaction(context, machine),
        // what it leaves may run on it, and end with it (BindsTo= of Docker's unit)
        endsPods: context.runtime.restartEndsContainers || leavesRuntime(context, machine),
        needs: [`${machine.host.name}/@packages`],
      }),
      ...context.runtime.furtherServices(machine),
    ]),
}
