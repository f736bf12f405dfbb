import type { OpenSSHAgent, ParsedKey } from 'ssh2'

/** Keys an agent holds. Throws an Error when it does not answer. Those on tokens (sk-…) ssh2 cannot use. */
export async function agentKeys(socket: string): Promise<readonly ParsedKey[]> {
  const { default: ssh2 } = await import('ssh2')
  const agent = new ssh2.OpenSSHAgent(socket)
  return new Promise((resolve, reject) => {
    agent.getIdentities((error, keys) => {
      if (error) reject(error)
      else resolve((keys ?? []).flatMap((key) => ('getPublicSSH' in key ? [key] : [])))
    })
  })
}

/** The same agent, showing only these of its keys, in this order. */
export async function showing(socket: string, keys: readonly ParsedKey[]): Promise<OpenSSHAgent> {
  const { default: ssh2 } = await import('ssh2')
  class Showing extends ssh2.OpenSSHAgent {
    override getIdentities(done: (error: undefined, found: ParsedKey[]) => void): void {
      done(undefined, [...keys])
    }
  }
  return new Showing(socket)
}

/** Whether both are the same key, private or public. */
export function sameKey(a: ParsedKey, b: ParsedKey): boolean {
  return a.getPublicSSH().equals(b.getPublicSSH())
}
