import { type Context, controlPlanes } from '../cluster/context.js'
import { withEtcd } from '../cluster/etcd/access.js'
import type { EtcdHosts } from '../cluster/etcd/hosts.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Step } from '../engine/step.js'
import { etcdUnit } from '../kubernetes/etcd/unit.js'
import { directory } from '../resources/directory.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { waitFor } from '../resources/wait-for.js'
import { begunStep } from '../steps/etcd/begun-step.js'
import { etcdctlFiles } from '../steps/etcd/etcdctl-files.js'
import { externalEtcdMissing } from '../steps/etcd/external-client.js'
import { installSteps } from '../steps/etcd/install-steps.js'
import { etcdMemberStep } from '../steps/etcd/member-step.js'
import { remnantsStep } from '../steps/etcd/remnants-step.js'
import { unitFileStep } from '../steps/etcd/unit-file-step.js'
import { unitServiceStep } from '../steps/etcd/unit-service-step.js'

const readyId = 'etcd-ready'

/**
 * INPUTS: the CA and the certificates of etcd, what was seen on its hosts; or an existing etcd.
 * OUTPUTS: a member on each host with the role etcd: founders all at once, others one at a time; and on each
 * control plane an etcd that answers with a quorum before anything is started there.
 */
export const etcdHosts: Phase<Context> = {
  id: 'etcd-hosts',
  title: 'etcd hosts',
  about: 'etcd on separate hosts: programs, units, members; and whether control plane nodes reach etcd.',
  steps: (context) => [
    ...(context.etcdHosts ? hostsSteps(context, context.etcdHosts) : []),
    ...(context.spec.etcd.external ? reachedSteps(context) : []),
  ],
}

function hostsSteps(context: Context, hosts: EtcdHosts): Step[] {
  const { order, joining } = hosts
  const there = order.filter(({ spec }) => !joining.has(spec.name))
  const members = oncePerTurn(() => withEtcd(order, ({ client }) => client.members()))
  const ready = `${clusterTarget}/${readyId}`
  return [
    ...order.flatMap((machine) => [
      ...installSteps(context, machine),
      directory(machine.host, context.spec.etcd.dataDir, '0700', etcdDirectoryNeeds(context, machine)),
      ...etcdctlFiles(context, machine),
      unitFileStep(context, hosts, machine),
      unitServiceStep(context, hosts, machine),
      begunStep(machine, [ready, `${machine.spec.name}/service:${etcdUnit}`]),
    ]),
    waitFor({
      id: readyId,
      title: 'etcd ready',
      target: clusterTarget,
      needs: there.map(({ spec }) => `${spec.name}/service:${etcdUnit}`),
      withinMs: 60_000,
      look: () =>
        withEtcd(order, async ({ client }) => {
          await client.health()
          return undefined
        }),
    }),
    remnantsStep(context, members, [ready]),
    ...order
      .filter(({ spec }) => joining.has(spec.name))
      .map((machine) => etcdMemberStep(context, machine, members, [ready])),
  ]
}

/** A package of etcd makes the directory too, with its own mode. */
function etcdDirectoryNeeds({ spec: { etcd } }: Context, { spec: { name } }: Machine): string[] {
  return etcd.install.from === 'package' ? [`${name}/packages:etcd`] : []
}

function reachedSteps(context: Context): Step[] {
  return controlPlanes(context).map((machine) =>
    waitFor({
      id: 'etcd-reached',
      title: 'etcd answers',
      target: machine.spec.name,
      needs: [`${machine.spec.name}/@pki`, ...(context.etcdHosts ? [`${clusterTarget}/${readyId}`] : [])],
      withinMs: 30_000,
      look: () => externalEtcdMissing(context, machine),
    }),
  )
}
