import { type Need, type Step, stepKey } from '../../engine/step.js'
import { restartingProblem } from '../../kubernetes/etcd/quorum.js'
import { beginningMark, etcdUnit, etcdUnitFile } from '../../kubernetes/etcd/unit.js'
import { UserError } from '../../lib/errors.js'
import { type ServiceState, service } from '../../resources/service.js'
import { type Context, leaderOf } from '../context.js'
import type { Machine } from '../machine.js'
import { etcdOrder, peerUrlOf, shownName, withEtcd } from './access.js'
import type { EtcdHosts } from './etcd-hosts.js'
import { etcdInstallNeeds } from './install-steps.js'

/** How long the other members may take to be well before one is restarted, and it to be well after. */
const healthyMs = 60_000
const everyMs = 250

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
      const restarts = changes.some(({ summary }) => summary.startsWith('restart'))
      if (founding) await host.write({ path: beginningMark, content: '', mode: '0644' })
      if (restarts) await untilSpare(context, machine)
      await step.apply(changes, how)
      if (restarts) await untilWell(context, machine)
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

/** Waits until the others do without this one. Throws UserError('step') when they cannot. */
async function untilSpare(context: Context, { spec }: Machine): Promise<void> {
  const deadline = context.now().getTime() + healthyMs
  for (;;) {
    const problem = await withEtcd(etcdOrder(context), async ({ client, voters }) => {
      const members = await client.members()
      const own = members.find(({ peerUrls }) => peerUrls.includes(peerUrlOf(spec)))
      return own && restartingProblem(await voters(members), shownName(own))
      // where nobody answers there is no quorum to lose
    }).catch(() => undefined)
    if (problem === undefined) return
    if (context.now().getTime() > deadline)
      throw new UserError(
        'step',
        `etcd on ${spec.name} is to be restarted, and the others would not do without it`,
        {
          host: spec.name,
          why: problem,
          next: 'bring the other members back first (kubestrap status shows them)',
        },
      )
    await context.sleep(everyMs)
  }
}

/** Waits until this member takes part in reads that need a quorum. */
async function untilWell(context: Context, machine: Machine): Promise<void> {
  const deadline = context.now().getTime() + healthyMs
  for (;;) {
    try {
      return await withEtcd([machine], ({ client }) => client.health())
    } catch (error) {
      if (context.now().getTime() > deadline) throw error
    }
    await context.sleep(everyMs)
  }
}
