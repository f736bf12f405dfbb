import { isNode } from '../cluster/machine.js'
import { type Check, onEach } from './check.js'

/** The name servers that Pods with the node's resolv.conf are given: CoreDNS asks them. */
export const resolverChecks: readonly Check[] = [
  {
    name: 'Resolver',
    about:
      "No name server of the node's resolv.conf is a loopback address, which in a Pod is the Pod itself.",
    run: onEach((machine, { spec }) => {
      const { facts } = machine
      // a file of the inventory's choice is its business; '' keeps the node's servers from Pods
      const chosen = { ...spec.kubelet.config, ...machine.spec.kubeletConfig }.resolvConf
      if (!isNode(machine) || chosen !== undefined) return undefined
      const loop = facts.nameservers.filter(isLoopback)
      if (loop.length === 0) return undefined
      const file = facts.resolvedActive ? '/run/systemd/resolve/resolv.conf' : '/etc/resolv.conf'
      return {
        // a node that lives with it may have a CoreDNS of its user's making
        severity: spec.dns.enabled && !facts.kubernetes ? 'error' : 'warning',
        what: `${file} names ${loop.join(', ')}: CoreDNS would forward to itself and end with "Loop detected"`,
        next: 'write the servers behind the local resolver into a file of the host, and its path as kubelet: { config: { resolvConf: PATH } }',
      }
    }),
  },
]

/** 127.0.0.0/8, ::1 and the unspecified addresses, which a resolver takes for the local host. */
export function isLoopback(address: string): boolean {
  const bare = address.replace(/%.*$/, '').toLowerCase()
  const mapped = bare.replace(/^::ffff:/, '')
  return /^127\.|^0\.0\.0\.0$/.test(mapped) || /^(?:0*:){1,7}:?0*[01]?$/.test(bare)
}
