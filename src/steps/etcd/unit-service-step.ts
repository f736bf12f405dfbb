import { type Context, leaderOf } from '../../cluster/context.js'
import { crashWatch } from '../../cluster/crash-watch.js'
import type { EtcdHosts } from '../../cluster/etcd/hosts.js'
import type { Machine } from '../../cluster/machine.js'
import { type Need, type Step, stepKey } from '../../engine/step.js'
import { beginningMark, etcdUnit, etcdUnitFile } from '../../kubernetes/etcd/unit.js'
import { type ServiceState, service } from '../../resources/service.js'
import { etcdInstallNeeds } from './install-steps.js'
import { untilSpare, untilWell } from './spare.js'

/**
 * A host's member runs. Founders start together, when each has what it needs: a member is ready when more than half
 * are. A restart goes from one to the next, and none begins that would be the quorum's end.
 */
export function unitServiceStep(context: Context, hosts: EtcdHosts, machine: Machine): Step<ServiceState> {
  const { host, spec } = machine
  const founding = hosts.founding.has(spec.name)
  const together = founding ? hosts.order.filter((one) => hosts.founding.has(one.spec.name)) : [machine]
  const step = service(host, {
    unit: etcdUnit,
    title: 'etcd',
    takesAway: 'etcd',
    makes: [`tree ${context.spec.etcd.dataDir}`],
    needs: [
      // data say that there is a cluster, whose authorities are then looked for
      `${leaderOf(context).spec.name}/authorities`,
      ...together.flatMap((one) => ready(context, one)),
    ],
  })
  return {
    ...step,
    apply: async (changes, how) => {
      const restarts = changes.some(({ kind }) => kind === 'restart')
      if (founding) await host.write({ path: beginningMark, content: '', mode: '0644' })
      if (restarts) await untilSpare(context, machine)
      const watch = crashWatch(context, machine, [], etcdUnit)
      await step.apply(changes, how)
      if (restarts) await untilWell(context, machine, watch)
    },
  }
}

function ready(context: Context, machine: Machine): Need[] {
  const { name } = machine.spec
  return [
    ...etcdInstallNeeds(context, machine),
    `${name}/directory:${context.spec.etcd.dataDir}`,
    stepKey({ target: name, id: `file:${etcdUnitFile}` }),
    `${name}/@pki`,
  ]
}
