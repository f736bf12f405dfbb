import { readFile } from 'node:fs/promises'
import type { AuthenticationType, AuthHandlerMiddleware } from 'ssh2'
import type { SshSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'

/** Ways to authenticate, in the order they will be tried: the agent, then the inventory's keys. */
export interface Credentials {
  handler: AuthHandlerMiddleware
  /** What was there to try, for the message when nothing worked. */
  tried: readonly string[]
}

/**
 * Reads the keys. A key that is encrypted, missing or unreadable is an error only when nothing
 * else is left to try.
 * @param agent SSH_AUTH_SOCK, when set
 */
export async function credentials(
  host: string,
  ssh: SshSpec,
  agent: string | undefined,
): Promise<Credentials> {
  const { default: ssh2 } = await import('ssh2')
  const tried: string[] = []
  const problems: string[] = []
  const methods: Record<string, unknown>[] = []
  if (agent) {
    methods.push({ type: 'agent', username: ssh.user, agent })
    tried.push(`agent ${agent}`)
  }
  for (const file of ssh.keys) {
    try {
      const key = await readFile(file)
      const parsed = ssh2.utils.parseKey(key)
      if (parsed instanceof Error) throw parsed
      methods.push({ type: 'publickey', username: ssh.user, key })
      tried.push(file)
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  if (methods.length === 0)
    throw new UserError('connection', `no key to log in with as ${ssh.user}`, {
      host,
      why: problems.join('\n') || 'the inventory names no key and there is no agent',
      next: 'name a readable, unencrypted key with ssh.key, or load it into an agent (ssh-add)',
    })
  const queue = [...methods]
  const handler: AuthHandlerMiddleware = (_left, _partial, next) => {
    const method = queue.shift()
    // ssh2's types want one method's shape; `false` ends the attempts
    next((method ?? false) as unknown as AuthenticationType)
  }
  return { handler, tried: [...tried, ...problems] }
}
