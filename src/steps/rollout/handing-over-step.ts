import type { Context } from '../../cluster/context.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { deleteNetfilter, lookAtNetfilter } from '../reset/netfilter/delete-netfilter.js'
import { cniReservations } from './cni-reservations.js'
import { leftOnRuntime } from './left-on-runtime.js'
import { nodeTransaction } from './node-transaction.js'

/**
 * A kubelet that had its runtime without the CRI is stopped, and what it made there is handed to the program that stands between
 * from now on. None where the runtime is given nothing, or the machine is no node yet.
 */
export function handingOverStep(context: Context, machine: Machine): Step<readonly string[]>[] {
  const { runtime, network, spec } = context
  const { host, release } = machine
  const { handingOver } = runtime
  const within = nodeTransaction(context, machine)
  if (handingOver === undefined || within === undefined || release.wanted.kubelet.endpoint !== 'flags')
    return []
  return [
    {
      id: 'handing-over',
      title: `Pods handed to ${runtime.programs.join(' ')}`,
      target: host.name,
      within,
      disrupts: () => 'node',
      vacates: () => true,
      probe: () => leftOnRuntime(host, `what the kubelet made on ${runtime.id}`, handingOver.lookScript),
      diff: (left) =>
        left.map((summary) => ({
          kind: 'update',
          summary,
          effects: [{ kind: 'restart', of: 'unit', name: kubeletUnit, afterDrain: true }],
        })),
      apply: async () => {
        const ended = await host.mutate({
          what: `end Pods with host ports on ${runtime.id}`,
          script: `systemctl stop -- "$1" || exit 1
${handingOver.endScript}`,
          args: [kubeletUnit],
          timeoutMs: 180_000,
        })
        const ids = ended.stdout.toString().split('\n').filter(Boolean)
        if (ids.length > 0) {
          const { podSubnet } = spec.networking
          const only = new Set(ids)
          await deleteNetfilter(host, () => lookAtNetfilter(host, { ...network, podSubnet, only }))
          await host.mutate({
            what: 'release the addresses of Pods that ended',
            script: `networks=$1; shift
for network in $networks; do
  for id in "$@"; do
    files=$(grep -ls -- "^$id" ${cniReservations}/"$network"/*)
    [ -z "$files" ] || rm -f -- $files || exit 1
  done
done`,
            args: [network.cniNames.join(' '), ...ids],
            timeoutMs: 30_000,
          })
        }
        await host.mutate({
          what: `hand Pods to ${runtime.programs.join(' ')}`,
          script: handingOver.script,
          timeoutMs: 180_000,
        })
      },
    },
  ]
}
