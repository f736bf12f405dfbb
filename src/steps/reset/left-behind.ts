import { keepalivedConfigFile, peersIn } from '../../balancers/keepalived/keepalived.js'
import type { Context } from '../../cluster/context.js'
import { isEtcdHost } from '../../cluster/machine.js'
import { etcdUnit, etcdUnitFile } from '../../kubernetes/etcd/unit.js'

/**
 * What hosts show of an earlier inventory that `up` does not remove, a sentence each with what does: load balancers that
 * this one no longer has, and etcd members of hosts that have another role now.
 */
export async function leftBehind(context: Context): Promise<string[]> {
  const own = new Set(context.spec.hosts.map(({ address }) => address))
  /** By address, who knows it. */
  const balancers = new Map<string, string>()
  const members = await Promise.all(
    context.machines.map(async (machine) => {
      const { host, spec } = machine
      const [keepalived, unit] = await Promise.all([
        spec.roles.includes('load-balancer') ? host.stat(keepalivedConfigFile, { content: true }) : undefined,
        isEtcdHost(machine) ? undefined : host.stat(etcdUnitFile),
      ])
      const text = keepalived?.kind === 'file' ? (keepalived.content?.toString() ?? '') : ''
      for (const address of peersIn(text)) if (!own.has(address)) balancers.set(address, spec.name)
      return unit && unit.kind !== 'absent' ? [memberLeft(spec.name)] : []
    }),
  )
  const virtualIp = context.spec.loadBalancer?.virtualIp
  return [
    ...[...balancers].map(
      ([address, on]) =>
        `the load balancer ${address}, which keepalived on ${on} knows, is not in the inventory: it ${virtualIp === undefined ? 'may have the virtual IP' : `takes the virtual IP ${virtualIp} too as soon as the others no longer know it`}; before kubestrap up: kubestrap reset ${address}`,
    ),
    ...members.flat(),
  ]
}

const memberLeft = (name: string): string =>
  `${name} runs an etcd member of an earlier inventory (${etcdUnit}): give it the role etcd again, run kubestrap reset ${name}, and then kubestrap up with its new roles`
