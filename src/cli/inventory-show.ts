import type { SecretReference, SshSpec } from '../host/ssh-spec.js'
import type { ClusterSpec, HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { plainValue } from '../lib/plain-value.js'
import { table } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'
import { type Command, inventoryOption, text } from './command.js'
import { inventoryOf } from './inventory.js'

export const inventoryShowCommand: Command = {
  name: 'show <host>',
  about: 'Print the settings of a host, and where each value comes from.',
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
  positionals: { host: { type: 'string', describe: 'name of the host', demandOption: true } },
  run: async (values) => {
    const spec = await inventoryOf(values, 'look')
    const host = spec.hosts.find(({ name }) => name === text(values, 'host').toLowerCase())
    if (!host)
      throw new UserError('usage', `${text(values, 'host')} is not a host of ${spec.file}`, {
        next: `hosts: ${spec.hosts.map(({ name }) => name).join(', ')}`,
      })
    const settings = settingsOf(spec, host)
    if (values.output === 'json') printJson(settings, 2)
    else {
      const rows = settings.map(({ setting, value, from }) => [setting, shown(value), from])
      print(`${table([['SETTING', 'VALUE', 'FROM'], ...rows])}\n`)
    }
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
    ...(host.connection === 'ssh' ? sshRows(host.ssh) : []),
    ...flat('', { 'os.like': host.os.like, timeSync: host.timeSync, firewall: host.firewall }).flatMap(
      ([name, value]): [string, unknown][] => (value === undefined ? [] : [[name.slice(1), value]]),
    ),
    ...flat('labels', host.labels),
    ['taints', host.taints.map(({ key, value, effect }) => `${key}${value ? `=${value}` : ''}:${effect}`)],
    ...flat('kubelet.extraArgs', { ...spec.kubelet.extraArgs, ...host.kubeletExtraArgs }),
    ...flat('kubelet.config', { ...spec.kubelet.config, ...host.kubeletConfig }),
  ]
  return rows.map(([setting, value]) => ({ setting, value, from: originOf(host, setting) }))
}

function originOf(host: HostSpec, setting: string): string {
  const { origins } = host
  // one key may be written `key`, several `keys`
  const below = Object.entries(origins).find(([name]) => name.startsWith(`${setting}.`))?.[1]
  const other = setting === 'ssh.keys' ? origins['ssh.key'] : undefined
  return (
    origins[setting] ?? other ?? below ?? (ofSshConfiguration(setting, host) ? sshConfiguration : 'default')
  )
}

const sshConfiguration = 'the SSH configuration'

/** What is there, by the names the inventory has for it. */
function sshRows(ssh: SshSpec): [setting: string, value: unknown][] {
  const rows: [string, unknown][] = [
    ['host', ssh.host],
    ['user', ssh.user],
    ['port', ssh.port],
    ['keys', ssh.keys],
    ['identitiesOnly', ssh.identitiesOnly],
    ['passphrase', reference(ssh.passphrase)],
    ['password', reference(ssh.password)],
    ['sudo.password', reference(ssh.sudoPassword)],
    ['jump', way(ssh)],
    ['proxyCommand', ssh.proxyCommand],
    ['hostKeys', ssh.hostKeys],
    ['hostKey', ssh.hostKey],
    ['hostKeyAlias', ssh.hostKeyAlias],
    ['knownHosts', ssh.knownHosts],
    ['notes', ssh.notes.length > 0 ? ssh.notes : undefined],
  ]
  return rows.filter(([, value]) => value !== undefined).map(([name, value]) => [`ssh.${name}`, value])
}

function way({ via }: SshSpec): string | undefined {
  if (!via) return undefined
  const before = way(via)
  return `${before ? `${before},` : ''}${via.user}@${via.host}:${via.port}`
}

function reference(secret: SecretReference | undefined): string | undefined {
  if (!secret) return undefined
  const { source } = secret
  if (source.kind === 'prompt') return 'prompt'
  return `${source.kind}:${source.kind === 'env' ? source.name : source.kind === 'file' ? source.path : source.command}`
}

/** Whether a value that no place of the inventory has is another than kubestrap's own. */
function ofSshConfiguration(setting: string, { address, ssh }: HostSpec): boolean {
  switch (setting) {
    case 'ssh.host':
      return ssh.host !== address
    case 'ssh.user':
      return ssh.user !== 'root'
    case 'ssh.port':
      return ssh.port !== 22
    case 'ssh.keys':
      return ssh.keysNamed
    case 'ssh.identitiesOnly':
      return ssh.identitiesOnly
    case 'ssh.hostKeys':
      return ssh.hostKeys !== 'strict'
    default:
      return ['ssh.jump', 'ssh.proxyCommand', 'ssh.hostKeyAlias', 'ssh.notes'].includes(setting)
  }
}

function flat(name: string, value: object): [string, unknown][] {
  return Object.entries(value).map(([key, inner]) => [`${name}.${key}`, inner])
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.map(shown).join(', ') || '-'
  return plainValue(value ?? '-')
}
