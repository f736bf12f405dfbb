import { homedir } from 'node:os'
import { dirname, isAbsolute, relative, resolve } from 'node:path'
import { known } from '../../catalog.js'
import type { SshWishes, Wishes } from '../../inventory/new/draft.js'
import type { GivenHosts } from '../../inventory/new/wanted-hosts.js'
import { secretForms, secretPattern } from '../../inventory/secret-reference.js'
import { minorOf, parseVersion } from '../../inventory/version.js'
import { releaseFor } from '../../kubernetes/releases/index.js'
import { newestTested } from '../../kubernetes/releases/newest-tested.js'
import { controlCharacter } from '../../lib/control-characters.js'
import { UserError } from '../../lib/errors.js'
import { list } from '../command.js'
import { bundleCommand } from './bundle-command.js'
import { stdoutName } from './write-file.js'

type Values = Record<string, unknown>

/** The hosts of the flags. */
export const givenHosts = (values: Values): GivenHosts => ({
  'control-plane': list(values, 'control-plane'),
  worker: list(values, 'worker'),
  'load-balancer': list(values, 'load-balancer'),
  etcd: list(values, 'etcd'),
})

/** Everything else that the flags say. Throws UserError('usage') for what cannot be. */
export function wishesOf(values: Values): Wishes {
  const port = one(values, 'port')
  const user = one(values, 'user')
  const key = one(values, 'key')
  const hostKeys = one(values, 'host-keys')
  const password = reference(values, 'password')
  const sudoPassword = reference(values, 'sudo-password')
  const ssh: SshWishes = {
    ...(user === undefined ? {} : { user }),
    ...(port === undefined ? {} : { port: portOf(port) }),
    ...(key === undefined ? {} : { key: fromInventory(key, values) }),
    ...(hostKeys === 'strict' || hostKeys === 'accept-new' ? { hostKeys } : {}),
    ...(password === undefined ? {} : { password }),
    ...(sudoPassword === undefined ? {} : { sudoPassword }),
  }
  const bundle = one(values, 'bundle')
  const version = versionOf(one(values, 'kubernetes-version'))
  return {
    version,
    bundle: bundle === undefined ? undefined : fromInventory(bundle, values),
    bundleCommand: bundleCommand(version),
    endpoint: one(values, 'endpoint'),
    virtualIp: one(values, 'virtual-ip'),
    runtime: one(values, 'runtime'),
    network: one(values, 'network'),
    kubeletConfig: {},
    ssh,
  }
}

/** Where the inventory goes; "-" for standard output. */
export const outputOf = (values: Values): string => one(values, 'output') ?? ''

/** The value of an option that may be given once. */
function one(values: Values, name: string): string | undefined {
  const value = values[name]
  if (value === undefined) return undefined
  if (typeof value !== 'string')
    throw new UserError('usage', `--${name} is given more than once`, { next: 'use it once' })
  const character = controlCharacter(value)
  if (character !== undefined || value === '')
    throw new UserError('usage', `--${name} ${value === '' ? 'is empty' : `has ${character} in it`}`)
  return value
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0
  if (port >= 1 && port <= 65535) return port
  throw new UserError('usage', `--port ${text} is not a port`, { next: 'use a number from 1 to 65535' })
}

/** A reference as the inventory has it; what is none may be the secret itself, and is not shown. */
function reference(values: Values, name: string): string | undefined {
  const text = one(values, name)
  if (text === undefined) return undefined
  if (!secretPattern.test(text))
    throw new UserError('usage', `--${name} is not a reference to a secret`, {
      next: `use ${secretForms}; secrets do not belong on a command line or in the inventory`,
    })
  return text.startsWith('file:') ? `file:${fromInventory(text.slice('file:'.length), values)}` : text
}

/** A path of the command line as the inventory names it: relative to the file, ~ for the home directory. */
function fromInventory(path: string, values: Values): string {
  const home = homedir()
  if (path === '~' || path.startsWith('~/')) return path
  if (isAbsolute(path)) return path.startsWith(`${home}/`) ? `~/${path.slice(home.length + 1)}` : path
  const output = outputOf(values)
  const own = relative(output === stdoutName ? '.' : dirname(output), resolve(path))
  return own.startsWith('../') ? own : `./${own}`
}

function versionOf(text: string | undefined): string {
  if (text === undefined) return newestTested()
  const minor = text.replace(/^v/, '')
  const version = known.minors.includes(minor) ? releaseFor(minor).version : parseVersion(text)
  if (version === undefined)
    throw new UserError('usage', `--kubernetes-version ${text} is not a version`, {
      next: `use three numbers, such as ${newestTested()}`,
    })
  if (known.minors.includes(minorOf(version))) return version
  throw new UserError('usage', `Kubernetes ${minorOf(version)} is not supported`, {
    next: known.insteadOf(minorOf(version)).replace('set kubernetes.version to', 'use'),
  })
}
