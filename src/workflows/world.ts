import { type Context, controlPlanes, isNew, nodes } from '../cluster/context.js'
import { isBalancerHost, isEtcdHost, isJoiningWorker, isNode, type Machine } from '../cluster/machine.js'
import { measuredOutages } from '../cluster/outages.js'
import { clusterTarget } from '../engine/step.js'
import type { World } from '../engine/summary.js'
import type { OnDisk } from '../preflight/read-on-disk.js'
import type { Living } from '../preflight/unchangeable.js'

/** Which hosts serve a cluster, for summaries of a plan: what is changed on others interrupts nobody. Pure. */
export function worldOf(context: Context, living: Living | undefined, disk: OnDisk | undefined): World {
  const serving = disk === undefined ? new Set<string>() : livingHosts(context, living, disk)
  const balancers = context.machines.filter(isBalancerHost)
  return {
    living: serving.size === 0 ? serving : new Set([...serving, clusterTarget]),
    birth: nodes(context).every((machine) => isNew(context, machine)),
    outages: {
      ...(controlPlanes(context).length > 1 ? { api: measuredOutages.api, etcd: measuredOutages.etcd } : {}),
      ...(balancers.length > 1 ? { balancer: measuredOutages.balancer } : {}),
    },
  }
}

/**
 * A Node that is Ready, or was: its Pods run. One that never had a Pod network is half made, and so is what an API server
 * that is silent has beside it: a birth that was cut goes on without a question.
 */
function livingHosts(
  { machines, etcdHosts, planes }: Context,
  living: Living | undefined,
  { carrying, living: begun }: OnDisk,
): ReadonlySet<string> {
  const registered = new Map(living?.nodes.map((node) => [node.name, node]))
  const isLiving = (machine: Machine): boolean => {
    const { name } = machine.spec
    // one that has no vote yet serves nobody
    if (planes.joining.has(name)) return false
    const node = registered.get(name)
    if (living) return node !== undefined && (node.ready !== false || carrying.includes(name))
    // a worker has its certificate of an API that answered
    return carrying.includes(name) || (isJoiningWorker(machine) && machine.facts.kubernetes)
  }
  const own = machines.filter((machine) => isNode(machine) && isLiving(machine))
  if (own.length === 0) return new Set()
  const beside = machines.filter((machine) => {
    if (isEtcdHost(machine)) return etcdHosts?.fresh.has(machine.spec.name) !== true
    if (isNode(machine)) return living === undefined && begun.includes(machine.spec.name)
    return isBalancerHost(machine)
  })
  return new Set([...own, ...beside].map(({ spec }) => spec.name))
}
