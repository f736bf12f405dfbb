import { createHash } from 'node:crypto'
import { UserError } from '../../lib/errors.js'
import { isSshHost, isSshUser } from '../../lib/grammar/ssh-names.js'

/** What percent tokens stand for (ssh_config(5), TOKENS). */
export interface TokenValues {
  /** The name given on the command line: here ssh.host or the address. */
  given: string
  /** After HostName. */
  host: string
  port: number
  /** The remote user. */
  user: string
  localUser: string
  uid: number
  home: string
  /** This machine's name, with its domain. */
  localHost: string
  hostKeyAlias: string
  jump: string
}

/**
 * The same of a command that a shell reads: names in it are checked as ssh(1) checks those of its command line, or
 * one with `$(…)` in it would be run. Throws UserError('inventory') for one that is none.
 */
export function expandForShell(text: string, values: TokenValues, at: string): string {
  const { given, host, user, hostKeyAlias, jump } = values
  const names: readonly [tokens: string, name: string, fits: boolean][] = [
    ['n', given, isSshHost(given)],
    ['h', host, isSshHost(host)],
    ['k', hostKeyAlias || given, isSshHost(hostKeyAlias || given)],
    ['r', user, isSshUser(user)],
    ['j', jump, jump === '' || jump.split(',').every((hop) => isSshHost(hop))],
  ]
  // "%%h" is "%h", no token
  const used = new Set([...text.matchAll(/%(.)/g)].map(([, letter]) => letter))
  const wrong = names.find(([token, , fits]) => used.has(token) && !fits)
  if (wrong)
    throw new UserError(
      'inventory',
      `${at}: %${wrong[0]} is ${JSON.stringify(wrong[1])}, which a shell would run`,
      {
        next: 'use a host name, address or login name without the characters of a shell',
      },
    )
  return expandTokens(text, values, at)
}

/** `text` with its tokens replaced. Throws UserError('inventory') for one that is not known. */
export function expandTokens(text: string, values: TokenValues, at: string): string {
  const { given, host, port, user, localUser, uid, home, localHost, hostKeyAlias, jump } = values
  const meaning: Readonly<Record<string, string>> = {
    '%': '%',
    d: home,
    h: host,
    i: String(uid),
    j: jump,
    k: hostKeyAlias || given,
    L: localHost.split('.')[0] ?? '',
    l: localHost,
    n: given,
    p: String(port),
    r: user,
    u: localUser,
    C: createHash('sha1').update(`${localHost}${host}${port}${user}${jump}`).digest('hex'),
  }
  return text.replace(/%(.?)/g, (token, letter: string) => {
    const value = meaning[letter]
    if (value !== undefined) return value
    throw new UserError('inventory', `${at}: ${token} is not supported here`, {
      next: `known: ${Object.keys(meaning)
        .map((one) => `%${one}`)
        .join(' ')}; %% for a percent sign`,
    })
  })
}

/** `${NAME}` replaced from the environment. Throws UserError('inventory') for a name it does not have. */
export function expandEnvironment(
  text: string,
  environment: Readonly<Record<string, string | undefined>>,
  at: string,
): string {
  return text.replace(/\$\{([^}]*)\}/g, (_, name: string) => {
    const value = environment[name]
    if (value !== undefined) return value
    throw new UserError('inventory', `${at}: environment variable ${name} is not set`, {
      next: `set ${name}, or write the path without the variable`,
    })
  })
}
