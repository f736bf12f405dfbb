import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import type { NetworkChains } from '../reset/netfilter/chains.js'
import { deleteNetfilter, lookAtNetfilter } from '../reset/netfilter/delete-netfilter.js'
import { cniReservations } from './cni-reservations.js'
import { leftOnRuntime } from './left-on-runtime.js'
import { nodeTransaction } from './node-transaction.js'

const gone = new WeakSet<Transaction>()

/** Whether a node of this run has left its former runtime. */
export const hasLeft = (within: Transaction): boolean => gone.has(within)

/**
 * A node, drained, leaves its container runtime: its kubelet is stopped first, as it would start anew what ends. Addresses of
 * Pods that ended with their runtime would be kept for ever, and their host ports would lead to nobody: no CNI plug-in is called.
 * Containers are removed when both are gone: a run that is cut before finds them. None where the runtime has no way to be left.
 */
export function formerRuntimeStep(context: Context, machine: Machine): Step<readonly string[]>[] {
  const { runtimeChange, network } = context
  const { host } = machine
  const ofContainers: NetworkChains = {
    ...network,
    podSubnet: context.spec.networking.podSubnet,
    only: 'containers',
  }
  const leaving = runtimeChange?.from.leaving
  const within = nodeTransaction(context, machine)
  if (runtimeChange === undefined || leaving === undefined || within === undefined) return []
  return [
    {
      id: 'former-runtime',
      title: `${runtimeChange.from.id} left`,
      target: host.name,
      within,
      disrupts: () => 'node',
      vacates: () => true,
      probe: () => leftOnRuntime(host, `what still runs on ${runtimeChange.from.id}`, leaving.lookScript),
      learn: (left) => {
        if (left.length === 0) gone.add(within)
      },
      diff: (left) =>
        left.map((summary) => ({
          kind: 'stop',
          summary,
          effects: [{ kind: 'restart', of: 'unit', name: kubeletUnit, afterDrain: true }],
        })),
      apply: async () => {
        const { id } = runtimeChange.from
        await host.mutate({
          what: `end what runs on ${id}`,
          script: `( ${leaving.lookScript}
) >/dev/null || exit 1
systemctl stop -- "$1" || exit 1
( ${leaving.endScript}
) || exit 1
shift
for name in "$@"; do rm -rf -- "${cniReservations}/$name" || exit 1; done`,
          args: [kubeletUnit, ...network.cniNames],
          timeoutMs: 180_000,
        })
        await deleteNetfilter(host, () => lookAtNetfilter(host, ofContainers))
        await host.mutate({ what: `leave ${id}`, script: leaving.script, timeoutMs: 180_000 })
      },
    },
  ]
}
