import type { Context } from '../../../cluster/context.js'
import type { Machine } from '../../../cluster/machine.js'
import type { Need, Step } from '../../../engine/step.js'
import { byLedger, type Ledger } from '../by-ledger.js'
import { deleteNetfilter, lookAtNetfilter } from './delete-netfilter.js'
import type { Netfilter } from './look.js'

const nothing: Netfilter = { removals: [], rules: 0, chains: 0, ipvs: 0, left: [] }

/**
 * No chain of kube-proxy, the kubelet and this cluster's CNI network is left, and no rule that jumps to one
 * (`kubeadm reset` leaves them); nor is a virtual server or a set of kube-proxy's where it uses IPVS. They go by name, in one transaction a table, and no rule of others is written.
 */
export function netfilterStep(
  { network, spec }: Context,
  { host }: Machine,
  ledger: Ledger,
  onLeft: (host: string, what: string) => void,
  needs: readonly Need[],
): Step<Netfilter> {
  const read = (): Promise<Netfilter> => {
    const { podSubnet, serviceSubnet } = spec.networking
    return lookAtNetfilter(host, { ...network, podSubnet }, { podSubnet, serviceSubnet })
  }
  const look = () => byLedger(ledger, nothing, read)
  return {
    id: 'reset:netfilter',
    title: 'netfilter rules of the cluster',
    target: host.name,
    needs,
    settle: { withinMs: 10_000, everyMs: 500 },
    probe: look,
    diff: ({ rules, chains, ipvs, removals }) =>
      removals.length === 0
        ? []
        : [
            {
              kind: 'remove',
              summary: `delete ${chains} netfilter chains of the cluster and ${rules} rules that jump to them${ipvs > 0 ? `, and ${ipvs} virtual servers and sets of IPVS` : ''}`,
              diff: removals.map(({ program, text }) => `# ${program}\n${text}`).join(''),
            },
          ],
    apply: async () => {
      const found = await deleteNetfilter(host, look)
      for (const what of found.left) onLeft(host.name, what)
    },
  }
}
