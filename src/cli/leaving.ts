import { hostsWithRole } from '../inventory/select.js'
import type { ClusterSpec, Role } from '../inventory/spec.js'
import { tell } from '../ui/screen.js'
import { reset } from '../workflows/reset.js'
import { inventoryOption, outputOption } from './command.js'
import { type ConvergeOptions, converge } from './converge.js'
import { drainOf, drainOptions } from './drain-options.js'
import { type Left, leftText } from './left-text.js'
import { otherRunsOption } from './other-runs.js'
import { cannotAsk } from './plan/confirm.js'
import { changesInShort, printSteps, refuseFailed } from './plan/print-plan.js'
import { canAsk, saysYes } from './questions.js'

/** Options of the commands that remove hosts. */
export const leavingOptions = {
  ...inventoryOption,
  ...outputOption,
  ...otherRunsOption,
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'do not ask for confirmation' },
  drain: {
    type: 'boolean',
    default: true,
    describe:
      'evict the Pods of the nodes first, as kubestrap drain does, where the cluster stays; --no-drain: do not',
  },
  ...drainOptions,
  packages: {
    type: 'boolean',
    default: false,
    describe: 'also remove the packages that kubestrap installed',
  },
  images: { type: 'boolean', default: false, describe: 'also remove the images that kubestrap loaded' },
} as const

export interface Leaving {
  command: 'reset' | 'remove'
  hosts: readonly string[]
  /** They are lost: only the cluster is told. */
  gone: boolean
  /** More of what cannot be undone, in sentences. */
  warnings?: readonly string[]
  afterwards?: ConvergeOptions['afterwards']
  /** Last words, before those about what is left. */
  closing?: () => readonly string[]
}

/** Drains hosts, takes them out of the cluster and clears them, after a question. */
export function removeHosts(
  spec: ClusterSpec,
  values: Record<string, unknown>,
  { command, hosts, gone, warnings = [], afterwards, closing = () => [] }: Leaving,
): Promise<number> {
  const left: Left[] = []
  return converge(spec, values, {
    workflow: reset({
      command,
      hosts,
      packages: values.packages === true,
      images: values.images === true,
      gone,
      drain: values.drain === false ? undefined : drainOf(spec, values),
      onLeft: (host, what) => void left.push({ host, what }),
    }),
    preflight: false,
    mayBeAway: ({ name }) => gone || !hosts.includes(name),
    downToo: true,
    leaving: { hosts, command },
    confirm: async ({ graph, plan, world }, { human }) => {
      if (values.yes === true) return true
      const lost = [...losses(spec, hosts), ...warnings]
      const canBeAsked = human && canAsk()
      if (canBeAsked) printSteps({ graph, plan })
      refuseFailed({ graph, plan })
      if (!canBeAsked)
        throw cannotAsk(
          `this removes what is listed from ${hosts.join(', ')}`,
          [changesInShort({ graph, plan, world }), ...lost].join('\n'),
        )
      for (const line of lost) tell(`\n${line}\n`)
      return saysYes(`This removes the above from ${hosts.join(', ')}. Type yes to continue: `)
    },
    ...(afterwards ? { afterwards } : {}),
    closing: () =>
      [
        '',
        ...(left.length > 0 ? [leftText(left, hosts)] : []),
        ...(gone
          ? []
          : ['Kernel parameters and modules stay until a reboot; swap returns with swapon -a or a reboot.']),
        ...closing(),
        '',
      ].join('\n'),
  })
}

/** What cannot be had back, in sentences. */
function losses(spec: ClusterSpec, leaving: readonly string[]): string[] {
  const planes = withRole(spec, 'control-plane')
  const members = withRole(spec, 'etcd')
  if (members.length > 0 && allOf(members, leaving))
    return [`This destroys the cluster's data (etcd): ${said(members, 'etcd host')}`]
  if (!allOf(planes, leaving)) return []
  const data = spec.etcd.external ? '' : ' and its data (etcd)'
  return [`This destroys the cluster${data}: ${said(planes, 'control plane')}`]
}

/** Names of the hosts with a role. */
export const withRole = (spec: ClusterSpec, role: Role): string[] =>
  hostsWithRole(spec, role).map(({ name }) => name)

export const allOf = (names: readonly string[], leaving: readonly string[]): boolean =>
  names.every((name) => leaving.includes(name))

/** "cp1 is its only control plane." */
export const said = (names: readonly string[], what: string): string =>
  `${names.join(', ')} ${names.length === 1 ? `is its only ${what}` : `are all its ${what}s`}.`
