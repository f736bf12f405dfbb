import type { Client } from 'ssh2'
import type { SshSpec } from '../../inventory/spec.js'

interface Shared {
  client: Promise<Client>
  users: number
}

/** One connection per bastion, for all hosts behind it; ended when the last of them is gone. */
export class Bastions {
  readonly #open = new Map<string, Shared>()

  /**
   * @param dial called when there is no connection yet
   * @returns the connection, and what to call when it is no longer used
   */
  async use(ssh: SshSpec, dial: () => Promise<Client>): Promise<{ client: Client; release: () => void }> {
    const key = keyOf(ssh)
    const shared = this.#open.get(key) ?? { client: dial(), users: 0 }
    this.#open.set(key, shared)
    shared.users += 1
    const forget = (): void => {
      if (this.#open.get(key) === shared) this.#open.delete(key)
    }
    let held = true
    const release = (): void => {
      if (!held) return
      held = false
      shared.users -= 1
      if (shared.users > 0) return
      forget()
      shared.client.then(
        (client) => client.end(),
        () => {},
      )
    }
    try {
      const client = await shared.client
      client.once('close', forget)
      return { client, release }
    } catch (error) {
      forget()
      throw error
    }
  }
}

function keyOf(ssh: SshSpec): string {
  const { user, host, port, proxyCommand, via } = ssh
  return JSON.stringify([user, host, port, proxyCommand ?? '', via ? keyOf(via) : ''])
}
