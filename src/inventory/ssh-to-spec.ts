import { basename, dirname, extname, join } from 'node:path'
import type { SecretReference, SshSpec } from '../host/ssh-spec.js'
import { canonicalAddress } from '../lib/cidr.js'
import { UserError } from '../lib/errors.js'
import type { Path } from '../lib/yaml-source.js'
import type { SshSection } from './schema/ssh.js'
import { parseSecretSource } from './secret-reference.js'
import { answer, type ConfigAnswer, configFiles } from './ssh-config/answer.js'
import type { SshWorld } from './ssh-config/world.js'
import { type Hop, parseJump } from './ssh-jump.js'

/** What one section of the inventory says of SSH, and where it stands. Later ones win, key by key. */
export interface SshLayer {
  ssh: SshSection | undefined
  path: Path
}

export interface SshSurroundings {
  /** The inventory's absolute path. */
  file: string
  home: string
  at(path: Path): string
  /** From a path as written to an absolute one. */
  resolve(path: string): string
  /** Undefined: no SSH configuration is read. */
  world: SshWorld | undefined
}

const defaultKeys = ['~/.ssh/id_ed25519', '~/.ssh/id_ecdsa', '~/.ssh/id_rsa']

const silent: ConfigAnswer = {
  host: undefined,
  user: undefined,
  port: undefined,
  keys: undefined,
  identitiesOnly: false,
  agent: undefined,
  jump: undefined,
  proxyCommand: undefined,
  userKnownHosts: undefined,
  globalKnownHosts: undefined,
  hostKeys: undefined,
  hostKeyAlias: undefined,
  notes: [],
}

/**
 * How a host is reached: the inventory, then what ssh(1)'s configuration says of the name dialled, then
 * the defaults; bastions likewise. Throws UserError('inventory') for a configuration that cannot be
 * understood, or bastions in a circle.
 */
export function sshOf(layers: readonly SshLayer[], address: string, around: SshSurroundings): SshSpec {
  const given: SshSection = Object.assign({}, ...layers.map(({ ssh }) => defined(ssh)))
  const asked = askConfig(given, around)
  const name = given.host ?? address
  const said = asked({ given: name, user: given.user, port: given.port })
  const keys = [...(given.key ? [given.key] : []), ...(given.keys ?? [])].map(around.resolve)
  const secret = secretsOf(layers, around)
  const own = { given, keys, secret, bastion: bastionSecretsOf(layers, around), around }
  const target = specOf(own, name, said, {
    user: given.user ?? said.user ?? 'root',
    port: given.port ?? said.port ?? 22,
    keys: keys.length > 0 ? keys : said.keys,
  })
  const jump = given.jump ?? said.jump
  return {
    ...target,
    hostKey: given.hostKey?.replace(/=$/, ''),
    sudoPassword: secret('sudo', 'password'),
    ...(given.peerTransfer === false ? { peerTransfer: false as const } : {}),
    proxyCommand: given.jump === undefined ? said.proxyCommand : undefined,
    via: jump === undefined ? undefined : viaOf(jump, target, own, asked, [name]),
  }
}

type Own = {
  given: SshSection
  keys: readonly string[]
  secret: ReturnType<typeof secretsOf>
  bastion: ReturnType<typeof bastionSecretsOf>
  around: SshSurroundings
}
type Asked = (question: { given: string; user: string | undefined; port: number | undefined }) => ConfigAnswer

/** The last bastion of a list, itself reached through those before it; the first as its own configuration says. */
function viaOf(
  jump: string,
  behind: SshSpec,
  own: Own,
  asked: Asked,
  seen: readonly string[],
): SshSpec | undefined {
  const hops = parseJump(jump)
  if (!hops)
    throw new UserError('inventory', `"${jump}" is not a valid jump to ${seen[0]}`, {
      next: 'use [USER@]HOST[:PORT][,…]',
    })
  return hops.reduce<SshSpec | undefined>((via, hop, i) => {
    const said = asked({ given: hop.host, user: hop.user, port: hop.port })
    const spec = hopSpec(hop, said, behind, own)
    // a rule for all hosts names the bastion too: it is not reached through itself
    if (spec.host === behind.host && spec.port === behind.port) return via
    if (i > 0) return { ...spec, via }
    if (seen.includes(hop.host))
      throw new UserError(
        'inventory',
        `the jumps to ${seen[0]} form a cycle: ${[...seen, hop.host].join(' → ')}`,
        {
          next: 'set ssh.jump or ProxyJump of the first bastion to none',
        },
      )
    const further =
      said.jump === undefined ? undefined : viaOf(said.jump, spec, own, asked, [...seen, hop.host])
    return { ...spec, proxyCommand: said.proxyCommand, via: further }
  }, undefined)
}

/**
 * Keys and host-key policy are those of the host behind; its keys come before the bastion's own. Its password is not: a
 * bastion is another machine, and what it is offered it can keep.
 */
function hopSpec(hop: Hop, said: ConfigAnswer, behind: SshSpec, own: Own): SshSpec {
  const spec = specOf(own, hop.host, said, {
    user: hop.user ?? said.user ?? behind.user,
    port: hop.port ?? said.port ?? 22,
    keys: own.keys.length > 0 || said.keys ? [...new Set([...own.keys, ...(said.keys ?? [])])] : undefined,
  })
  const secret = own.bastion(hop.host)
  return {
    ...spec,
    bastion: hop.host,
    password: secret('password'),
    passphrase: secret('passphrase') ?? spec.passphrase,
  }
}

function specOf(
  { given, secret, around }: Own,
  name: string,
  said: ConfigAnswer,
  who: { user: string; port: number; keys: readonly string[] | undefined },
): SshSpec {
  const { home } = around
  return {
    user: who.user,
    port: who.port,
    // as ssh(1) does, which also looks for it so in known_hosts (ssh.c, resolve_canonicalize)
    host: canonicalAddress(said.host ?? name),
    keys: who.keys ?? defaultKeys.map(around.resolve),
    keysNamed: who.keys !== undefined,
    identitiesOnly: given.identitiesOnly ?? said.identitiesOnly,
    agent: said.agent,
    passphrase: secret('passphrase'),
    password: secret('password'),
    sudoPassword: undefined,
    knownHosts: given.knownHosts
      ? [around.resolve(given.knownHosts)]
      : [
          pinnedBeside(around.file),
          ...(said.userKnownHosts ?? [join(home, '.ssh/known_hosts')]),
          ...(said.globalKnownHosts ?? ['/etc/ssh/ssh_known_hosts']),
        ],
    hostKeys: given.hostKeys ?? said.hostKeys ?? 'strict',
    hostKey: undefined,
    hostKeyAlias: said.hostKeyAlias,
    proxyCommand: undefined,
    via: undefined,
    notes: said.notes,
  }
}

/** inventory.yaml → inventory.known_hosts: two inventories of one directory may know different hosts by one address. */
function pinnedBeside(file: string): string {
  return join(dirname(file), `${basename(file, extname(file))}.known_hosts`)
}

function askConfig(given: SshSection, { home, world, resolve }: SshSurroundings): Asked {
  if (!world || given.config === false) return () => silent
  const named = given.config === undefined ? undefined : resolve(given.config)
  if (named !== undefined && world.read(named) === undefined)
    throw new UserError('inventory', `${named} not found`, {
      why: 'ssh.config names it',
      next: 'name an existing OpenSSH client configuration, or use false for none',
    })
  const files = configFiles(named, home)
  return (question) => answer(files, question, home, world)
}

/** The reference the last layer that has one makes, by key. */
function secretsOf(layers: readonly SshLayer[], around: SshSurroundings) {
  return (...keys: ['password'] | ['passphrase'] | ['sudo', 'password']): SecretReference | undefined => {
    const found = layers.flatMap(({ ssh, path }) => {
      const text = keys[0] === 'sudo' ? ssh?.sudo?.password : ssh?.[keys[0]]
      return text === undefined ? [] : [{ text, path: [...path, ...keys] }]
    })
    const last = found.at(-1)
    const source = last && parseSecretSource(last.text, around.resolve)
    return last && source && { source, key: `ssh.${keys.join('.')}`, at: around.at(last.path) }
  }
}

/** The same of one bastion, as it is written where the way is. */
function bastionSecretsOf(layers: readonly SshLayer[], around: SshSurroundings) {
  return (name: string) =>
    (key: 'password' | 'passphrase'): SecretReference | undefined => {
      const found = layers.flatMap(({ ssh, path }) =>
        Object.entries(ssh?.bastions ?? {}).flatMap(([bastion, secrets]) => {
          const text = bastion.toLowerCase() === name.toLowerCase() ? secrets[key] : undefined
          return text === undefined ? [] : [{ text, path: [...path, 'bastions', bastion, key], bastion }]
        }),
      )
      const last = found.at(-1)
      const source = last && parseSecretSource(last.text, around.resolve)
      return (
        last && source && { source, key: `ssh.bastions.${last.bastion}.${key}`, at: around.at(last.path) }
      )
    }
}

function defined(section: SshSection | undefined): Partial<SshSection> {
  return Object.fromEntries(Object.entries(section ?? {}).filter(([, value]) => value !== undefined))
}
