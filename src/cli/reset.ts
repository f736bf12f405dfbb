import type { ClusterSpec, Role } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { tell } from '../ui/screen.js'
import { reset } from '../workflows/reset.js'
import { type Command, inventoryOption, list, outputOption } from './command.js'
import { converge } from './converge.js'
import { inventoryOf } from './inventory.js'
import { otherRunsOption } from './other-runs.js'
import { printSteps, refuseFailed } from './plan/print-plan.js'
import { saysYes } from './questions.js'

export const resetCommand: Command = {
  name: 'reset [hosts..]',
  about: 'Remove from hosts exactly what kubestrap installed; without names, from all hosts.',
  example: 'kubestrap reset -i inventory.yaml w2',
  options: {
    ...inventoryOption,
    ...outputOption,
    ...otherRunsOption,
    yes: { alias: 'y', type: 'boolean', default: false, describe: 'do not ask for confirmation' },
    packages: {
      type: 'boolean',
      default: false,
      describe: 'also remove the packages that kubestrap installed',
    },
    gone: {
      type: 'boolean',
      default: false,
      describe: 'the named hosts are lost: only remove their etcd members and Nodes from the cluster',
    },
    images: { type: 'boolean', default: false, describe: 'also remove the images that kubestrap loaded' },
  },
  positionals: { hosts: { type: 'string', array: true, describe: 'names of hosts' } },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const all = spec.hosts.map(({ name }) => name)
    const named = list(values, 'hosts').map((name) => name.toLowerCase())
    const stranger = named.find((name) => !all.includes(name))
    if (stranger !== undefined)
      throw new UserError('usage', `${stranger} is not a host of ${spec.file}`, {
        next: `hosts: ${all.join(', ')}`,
      })
    const gone = values.gone === true
    if (gone && named.length === 0)
      throw new UserError('usage', '--gone requires the names of the lost hosts', {
        next: `hosts: ${all.join(', ')}`,
      })
    const hosts = named.length > 0 ? named : all
    const left: string[] = []
    return converge(spec, values, {
      workflow: reset({
        hosts,
        packages: values.packages === true,
        images: values.images === true,
        gone,
        onLeft: (host, what) => left.push(`${host}: ${what}`),
      }),
      preflight: false,
      mayBeAway: ({ name }) => gone || !hosts.includes(name),
      downToo: true,
      leaving: hosts,
      confirm: async ({ graph, plan }, { human }) => {
        if (values.yes === true) return true
        if (!human || !process.stdin.isTTY)
          throw new UserError('usage', 'reset asks for confirmation, and there is no terminal to ask on', {
            next: 'add --yes',
          })
        printSteps({ graph, plan })
        refuseFailed({ graph, plan })
        for (const line of losses(spec, hosts)) tell(`\n${line}\n`)
        return saysYes(`This removes the above from ${hosts.join(', ')}. Type yes to continue: `)
      },
      closing: () =>
        [
          '',
          ...(left.length > 0 ? ['Left:', ...left.map((line) => `  ${line}`)] : []),
          ...(gone
            ? []
            : [
                'Kernel parameters and modules stay until a reboot; swap returns with swapon -a or a reboot.',
              ]),
          '',
        ].join('\n'),
    })
  },
}

/** What cannot be had back, in sentences. */
function losses(spec: ClusterSpec, leaving: readonly string[]): string[] {
  const withRole = (role: Role): string[] =>
    spec.hosts.filter(({ roles }) => roles.includes(role)).map(({ name }) => name)
  const planes = withRole('control-plane')
  const members = withRole('etcd')
  const all = (names: readonly string[]): boolean => names.every((name) => leaving.includes(name))
  const said = (names: readonly string[], what: string): string =>
    `${names.join(', ')} ${names.length === 1 ? `is its only ${what}` : `are all its ${what}s`}.`
  if (members.length > 0 && all(members))
    return [`This destroys the cluster's data (etcd): ${said(members, 'etcd host')}`]
  if (!all(planes)) return []
  const data = spec.etcd.external ? '' : ' and its data (etcd)'
  return [`This destroys the cluster${data}: ${said(planes, 'control plane')}`]
}
