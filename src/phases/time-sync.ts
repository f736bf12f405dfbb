import type { Context } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { packages } from '../resources/packages.js'
import { service } from '../resources/service.js'
import { timeSyncPlan } from '../steps/host/time-sync-plan.js'

/**
 * INPUTS: timeSync of the inventory, facts on the service that keeps the clock.
 * OUTPUTS: chrony or systemd-timesyncd, enabled and running, where the host has none (see timeSyncPlan); nothing
 * in a container. The servers are those of the system's own configuration.
 */
export const timeSync: Phase<Context> = {
  id: 'time-sync',
  title: 'Time synchronization',
  about: 'A service that keeps the clock, on new hosts without any and where the inventory names one.',
  steps: (context) =>
    context.machines.flatMap((machine) => {
      const { setUp } = timeSyncPlan(context, machine)
      if (!setUp) return []
      const { host, os } = machine
      const installed = packages(host, os, setUp.packages, { id: 'time-sync', title: `package ${setUp.id}` })
      return [
        installed,
        service(host, {
          unit: setUp.unit,
          title: 'time synchronization',
          needs: [`${host.name}/${installed.id}`],
        }),
      ]
    }),
}
