import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { table } from '../ui/format.js'
import { type Command, inventoryOption, text } from './command.js'
import { inventoryOf } from './inventory.js'

export const inventoryShowCommand: Command = {
  name: 'show <host>',
  about: 'Print what a host ends up with, and where each value comes from.',
  example: 'kubestrap inventory show -i inventory.yaml w1',
  options: {
    ...inventoryOption,
    output: {
      alias: 'o',
      choices: ['plain', 'json'],
      default: 'plain',
      describe: 'json: a list of settings',
    },
  },
  positionals: { host: { type: 'string', describe: 'its name', demandOption: true } },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const host = spec.hosts.find(({ name }) => name === text(values, 'host').toLowerCase())
    if (!host)
      throw new UserError('usage', `${text(values, 'host')} is not a host of ${spec.file}`, {
        next: `hosts: ${spec.hosts.map(({ name }) => name).join(', ')}`,
      })
    const settings = settingsOf(spec, host)
    process.stdout.write(
      values.output === 'json'
        ? `${JSON.stringify(settings, undefined, 2)}\n`
        : `${table([['SETTING', 'VALUE', 'FROM'], ...settings.map(({ setting, value, from }) => [setting, shown(value), from])])}\n`,
    )
    return 0
  },
}

interface Setting {
  setting: string
  value: unknown
  from: string
}

function settingsOf(spec: ClusterSpec, host: HostSpec): Setting[] {
  const rows: [setting: string, value: unknown][] = [
    ['address', host.address],
    ['roles', host.roles],
    ['connection', host.connection],
    ...flat('ssh', host.ssh),
    ...flat('labels', host.labels),
    ['taints', host.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`)],
    ...flat('kubelet.extraArgs', { ...spec.kubelet.extraArgs, ...host.kubeletExtraArgs }),
    ...flat('kubelet.config', { ...spec.kubelet.config, ...host.kubeletConfig }),
  ]
  return rows.map(([setting, value]) => ({ setting, value, from: originOf(host, setting) }))
}

function originOf({ origins }: HostSpec, setting: string): string {
  // one key may be written `key`, several `keys`
  const below = Object.entries(origins).find(([name]) => name.startsWith(`${setting}.`))?.[1]
  const other = setting === 'ssh.keys' ? origins['ssh.key'] : undefined
  return origins[setting] ?? other ?? below ?? 'default'
}

function flat(name: string, value: object): [string, unknown][] {
  return Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner])
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ') || '-'
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '-')
}
