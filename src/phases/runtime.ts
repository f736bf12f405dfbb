import { type Context, nodes } from '../cluster/context.js'
import { leavesRuntime } from '../cluster/runtime-change.js'
import type { Phase } from '../engine/phase.js'
import { service } from '../resources/service.js'
import { nodeTransaction } from '../steps/rollout/node-transaction.js'

/** INPUTS: the installed runtime. OUTPUTS: it runs, with our configuration, now and after a reboot. */
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
        // what will run there when the node's turn comes: so far nothing of Kubernetes does
        within: leavesRuntime(context, machine) ? undefined : nodeTransaction(context, machine),
        endsPods: context.runtime.restartEndsContainers,
        needs: [`${machine.host.name}/@packages`],
      }),
      ...context.runtime.furtherServices(machine),
    ]),
}
