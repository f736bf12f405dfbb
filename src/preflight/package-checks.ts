import type { Context } from '../cluster/context.js'
import { isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { networkOs } from '../steps/programs/kubernetes-packages.js'
import { type Check, onEach } from './check.js'
import { presenceOf } from './package-look.js'

/** What packages are for, and what a host can have instead of them. */
interface Part {
  names: readonly string[]
  instead: string
}

const repository = 'name a repository that has them: os: { repositories: { docker: { url: …, key: … } } }'

export const packageChecks: readonly Check[] = [
  {
    name: 'PackageSources',
    about:
      'The packages of the container runtime, the CNI plug-ins and etcd are in the repositories of the host, or the inventory adds repositories.',
    run: onEach((machine, context, { packages }) => {
      const seen = packages.get(machine.spec.name)
      if (seen === undefined) return undefined
      const parts = partsElsewhere(context, machine)
      const missing = parts
        .map((part) => ({ ...part, names: part.names.filter((name) => presenceOf(seen, name) !== 'there') }))
        .filter(({ names }) => names.length > 0)
      if (missing.length === 0) return undefined
      const names = missing.flatMap((part) => part.names).join(', ')
      const next = missing.map(({ instead }) => instead).join('; ')
      const unknown = missing.every((part) =>
        part.names.every((name) => presenceOf(seen, name) === 'unknown'),
      )
      return unknown
        ? {
            severity: 'warning',
            what: `could not check for ${names}, which ${machine.facts.os.name} does not have in its own repositories`,
            next: `nothing to do if another repository of the host has them; else ${next}`,
          }
        : {
            severity: 'error',
            what: `${machine.facts.os.name} does not have ${names} in its own repositories, and no other repository of the host has them`,
            next,
          }
    }),
  },
]

/** Names of packages that a host requires, and that its system does not have itself; none where the inventory adds repositories. */
export const packagesElsewhere = (context: Context, machine: Machine): string[] =>
  partsElsewhere(context, machine).flatMap(({ names }) => names)

function partsElsewhere(context: Context, machine: Machine): Part[] {
  const { os, spec } = machine
  if (spec.os.repositories.length > 0) return []
  return partsOf(context, machine).flatMap(({ names, instead }) => {
    const elsewhere = names.filter((name) => os.elsewhere.includes(name))
    return elsewhere.length === 0 ? [] : [{ names: elsewhere, instead }]
  })
}

function partsOf(context: Context, machine: Machine): Part[] {
  const { runtime, network, spec } = context
  const lives = context.machines.some((one) => isNode(one) && one.facts.kubernetes)
  const ofNode = [
    {
      names: runtime.packages(machine.os),
      instead:
        runtime.id !== 'containerd'
          ? `${repository}; or use runtime: containerd with sources: { runtime: download }`
          : lives
            ? `${repository}; or set sources: { runtime: download }, which replaces containerd on every node of the cluster, and is not taken back`
            : `set sources: { runtime: download }, or ${repository}`,
    },
    {
      names: network.packages(networkOs(context, machine)),
      instead: 'set sources: { cniPlugins: download }',
    },
  ]
  return [
    ...(isNode(machine) ? ofNode : []),
    ...(isEtcdHost(machine) && spec.etcd.install.from === 'package'
      ? [{ names: machine.os.packages.etcd, instead: 'set etcd: { install: download }' }]
      : []),
  ]
}
