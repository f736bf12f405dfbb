import { existsSync } from 'node:fs'
import { UserError } from '../../lib/errors.js'
import type { SshSpec } from '../ssh-spec.js'
import type { Attempts } from './log-in.js'
import type { Negotiation } from './negotiation.js'
import type { Named } from './transport.js'

/** The machine answered, its key is right, and it took nothing of what it was offered. */
export class NotLetIn extends UserError {}

/** A host's own password is never offered to a bastion. */
const passwordKey = ({ bastion }: SshSpec): string =>
  bastion === undefined ? 'ssh.password' : `ssh.bastions.${bastion}.password`

/** There was nothing to offer. */
export function nothingToTry(host: Named, ssh: SshSpec, problems: readonly string[]): UserError {
  return new UserError('connection', `no key to log in as ${ssh.user}`, {
    host: host.name,
    why: problems.join('\n') || `none of ${ssh.keys.join(', ')} exists, and no agent has a key`,
    next: `set ssh.key, load a key into an agent (ssh-add), or set ${passwordKey(ssh)}`,
  })
}

/** When both sides have no algorithm in common; undefined for any other error. */
export function nothingInCommon(
  host: Named,
  ssh: SshSpec,
  error: Error,
  offers: Negotiation,
): UserError | undefined {
  const lacking = offers.lacking(error)
  if (!lacking) return undefined
  const { message, why, next } = lacking
  return new UserError('connection', `${ssh.host}:${ssh.port}: ${message}`, {
    host: host.name,
    why,
    next,
    cause: error,
  })
}

/** What to make of an error before the login was done. */
export function notLetIn(
  host: Named,
  ssh: SshSpec,
  error: Error & { level?: string },
  login: Attempts,
  problems: readonly string[],
  said: string,
): UserError {
  const where = `${ssh.host}:${ssh.port}`
  const { user } = ssh
  if (error.level !== 'client-authentication')
    return new UserError('connection', `SSH with ${where} failed`, {
      host: host.name,
      why: [error.message, said].filter(Boolean).join('\n'),
      next: `try: ssh -v -p ${ssh.port} ${user}@${ssh.host} true`,
      cause: error,
    })
  const takes = login.takes()
  const lines = [
    login.halfIn() ? 'the host accepted the key, and requires another authentication method' : '',
    `tried: ${login.tried().join(', ') || 'no method that the host accepts'}`,
    ...problems,
    takes ? `the host accepts: ${takes.join(', ')}` : '',
    ...ssh.keys
      .filter((file) => existsSync(`${file}-cert.pub`))
      .map((file) => `${file}-cert.pub is not used: kubestrap does not support SSH certificates`),
  ]
  const byPassword = takes?.some((way) => way === 'password' || way === 'keyboard-interactive') ?? false
  const byKey = takes?.includes('publickey') ?? true
  const ways = [
    ...(byKey
      ? [
          `add the public key to ~${user}/.ssh/authorized_keys on the host, or set another key (ssh.key) or user (ssh.user)`,
        ]
      : []),
    ...(byPassword && !ssh.password ? [`set ${passwordKey(ssh)}: env:NAME or prompt`] : []),
    ...(ssh.password && !byKey ? ['check the password'] : []),
  ]
  return new NotLetIn('connection', `${where} rejects the login of ${user}`, {
    host: host.name,
    why: lines.filter(Boolean).join('\n'),
    next: ways.join('; or '),
    cause: error,
  })
}
