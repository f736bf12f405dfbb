import type { Client, ClientChannel } from 'ssh2'
import { openChannel } from './channel.js'

/** RFC 4254, 5.1: SSH_OPEN_CONNECT_FAILED, sshd's answer past MaxSessions, and SSH_OPEN_RESOURCE_SHORTAGE. */
const fullReasons: readonly unknown[] = [2, 4]

/** How long a server may refuse while no session of ours is open, and how often it is asked. */
const patienceMs = 5_000
const everyMs = 50

/** Opens sessions on connections of one host; knows how many are open. */
export class Sessions {
  #open = 0

  /**
   * Starts a command in a session of its own. A refused session has run nothing: it is asked for again
   * while others of ours are open, since sshd counts one that ends until it has closed it, later than it
   * reads the next request of the same packet; and hosts may allow less than the usual ten.
   * @throws when the connection closes, or the server goes on refusing with none of ours open
   */
  async start(client: Client, command: string): Promise<ClientChannel> {
    let deadline = Date.now() + patienceMs
    for (;;) {
      try {
        const channel = await openChannel(client, command)
        this.#open += 1
        channel.once('close', () => {
          this.#open -= 1
        })
        return channel
      } catch (error) {
        if (this.#open > 0) deadline = Date.now() + patienceMs
        if (!isFull(error) || Date.now() >= deadline) throw error
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && fullReasons.includes(error.reason)
}
