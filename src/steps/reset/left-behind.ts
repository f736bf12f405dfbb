import { keepalivedConfigFile, peersIn } from '../../balancers/keepalived/keepalived.js'
import type { Context } from '../../cluster/context.js'
import { isBalancerHost } from '../../cluster/machine.js'

/**
 * What hosts show of an earlier inventory that `up` does not remove, a sentence each with what does: load balancers that
 * this one no longer has.
 */
export async function leftBehind(context: Context): Promise<string[]> {
  const own = new Set(context.spec.hosts.map(({ address }) => address))
  /** By address, who knows it. */
  const balancers = new Map<string, string>()
  await Promise.all(
    context.machines.map(async ({ host, spec }) => {
      if (!isBalancerHost({ spec })) return
      const keepalived = await host.stat(keepalivedConfigFile, { content: true })
      const text = keepalived.kind === 'file' ? (keepalived.content?.toString() ?? '') : ''
      for (const address of peersIn(text)) if (!own.has(address)) balancers.set(address, spec.name)
    }),
  )
  const virtualIp = context.spec.loadBalancer?.virtualIp
  return [...balancers].map(
    ([address, on]) =>
      `the load balancer ${address}, which keepalived on ${on} knows, is not in the inventory: it ${virtualIp === undefined ? 'may have the virtual IP' : `takes the virtual IP ${virtualIp} too as soon as the others no longer know it`}; before kubestrap up: kubestrap reset ${address}`,
  )
}
