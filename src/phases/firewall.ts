import type { Context } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { firewalld } from '../resources/firewalld.js'
import { openingsOf, opensFirewall } from '../steps/host/firewall-openings.js'

/**
 * INPUTS: facts on active firewalls, firewall of the inventory, the roles of the host.
 * OUTPUTS: firewalld with the ports of these roles open, now and after a reload. ufw and other firewalls are only
 * named by the preflight check: rules for forwarded traffic are the administrator's to decide.
 */
export const firewall: Phase<Context> = {
  id: 'firewall',
  title: 'Firewall',
  about: 'Where firewalld is active: opens the ports of the roles of the host, and allows Pod traffic.',
  steps: (context) =>
    context.machines.flatMap((machine) => {
      if (!opensFirewall(context, machine)) return []
      const { host, facts, spec } = machine
      const holding = facts.interfaces.find(({ addresses }) => addresses.includes(spec.address))
      return [firewalld(host, holding?.name ?? facts.defaultInterface, openingsOf(context, machine))]
    }),
}
