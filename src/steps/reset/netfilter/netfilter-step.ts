import type { Context } from '../../../cluster/context.js'
import type { Machine } from '../../../cluster/machine.js'
import type { Need, Step } from '../../../engine/step.js'
import { byLedger, type Ledger } from '../by-ledger.js'
import { deleteScript, lookScript, type Netfilter, readNetfilter } from './look.js'

const nothing: Netfilter = { removals: [], rules: 0, chains: 0, ipvs: 0, left: [] }

/** Others change rules too: what was seen may be gone when it is to be deleted, and is looked at again. */
const attempts = 4

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
  const read = async (): Promise<Netfilter> => {
    const answer = await host.read({ what: 'read netfilter rules', script: lookScript, timeoutMs: 60_000 })
    if (answer.code !== 0) throw new Error(`cannot read netfilter rules: ${answer.stderr}`)
    const { podSubnet, serviceSubnet } = spec.networking
    return readNetfilter(answer.stdout.toString(), { ...network, podSubnet }, { podSubnet, serviceSubnet })
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
      let found = await look()
      for (let i = 1; ; i += 1) {
        try {
          for (const { program, text } of found.removals)
            await host.mutate({
              what: `delete netfilter chains (${program})`,
              script: deleteScript,
              args: [program],
              stdin: text,
              timeoutMs: 60_000,
            })
          break
        } catch (error) {
          const now = await look()
          if (i === attempts || JSON.stringify(now.removals) === JSON.stringify(found.removals)) throw error
          found = now
        }
      }
      for (const what of found.left) onLeft(host.name, what)
    },
  }
}
