import type { Context } from '../../cluster/context.js'
import { isEtcdHost, isNode, type Machine } from '../../cluster/machine.js'
import { balancerPackages } from '../balancer/balancer-settings.js'
import { hasSelinux } from '../host/selinux.js'
import { timeSyncPlan } from '../host/time-sync-plan.js'
import { networkOs, repositoryFor } from './kubernetes-packages.js'

/** What decides on the packages of a machine. */
export type PackageContext = Pick<
  Context,
  'spec' | 'runtime' | 'network' | 'balancer' | 'kubernetesRepositories'
>

/** What a node needs of its distribution, but for what it downloads with. */
export function nodePackages(context: PackageContext, machine: Machine): string[] {
  const { os, spec } = machine
  return [
    ...os.packages.kubeletNeeds,
    ...context.runtime.packages(os),
    ...context.network.packages(networkOs(context, machine)),
    ...balancerPackages(context, machine),
    ...(spec.os.hold || repositoryFor(context, machine) ? os.holdNeeds : []),
    ...(hasSelinux(machine) ? os.packages.selinux : []),
  ]
}

/** What a machine needs of its distribution by its roles, whatever is there, but for what it downloads with. */
export function rolePackages(context: PackageContext, machine: Machine): string[] {
  const packaged = isEtcdHost(machine) && context.spec.etcd.install.from === 'package'
  return [
    ...new Set([
      ...(isNode(machine) ? nodePackages(context, machine) : balancerPackages(context, machine)),
      ...(packaged ? machine.os.packages.etcd : []),
    ]),
  ]
}

/** The same with what this machine needs to keep its clock, and to download with. */
export const neededPackages = (context: Context, machine: Machine): string[] => [
  ...new Set([
    ...rolePackages(context, machine),
    ...(timeSyncPlan(context, machine).setUp?.packages ?? []),
    ...(downloads(context) ? machine.facts.lacksForDownloads : []),
  ]),
]

/** Whether hosts fetch something themselves. */
export const downloads = ({ spec: { sources, etcd } }: Pick<Context, 'spec'>): boolean =>
  [sources.kubernetes, sources.runtime, sources.cniPlugins, etcd.install.from].includes('download')
