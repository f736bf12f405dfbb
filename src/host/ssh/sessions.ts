import type { Client, ClientChannel } from 'ssh2'
import { openChannel } from './channel.js'
import { within } from './opened-within.js'

/** RFC 4254, 5.1: SSH_OPEN_CONNECT_FAILED, sshd's answer past MaxSessions, and SSH_OPEN_RESOURCE_SHORTAGE. */
const fullReasons: readonly unknown[] = [2, 4]

/** How long a server may refuse while no session of ours is open, and how often it is asked. */
const patienceMs = 5_000
const everyMs = 50
/** How long a server may take to say yes or no; a busy one says it within a second or two. */
const answerMs = 20_000

/** Opens sessions on connections of one host; knows how many are open. */
export class Sessions {
  #open = 0
  /** Those that go on for as long as the run. */
  readonly #standing = new Set<ClientChannel>()
  /** Those of them that were ended to make room. */
  readonly #gaveWay = new WeakSet<ClientChannel>()
  #full = false

  /** Whether a session was refused: the host allows few on a connection. */
  get full(): boolean {
    return this.#full
  }

  /**
   * Starts a command in a session of its own. A refused session has run nothing: it is asked for again
   * while others of ours are open, since sshd counts one that ends until it has closed it, later than it
   * reads the next request of the same packet; and hosts may allow less than the usual ten.
   * Where all that is open goes on for as long as the run, that ends: it is begun again on a connection of its own.
   * @param giveUpAt when to ask no more, as Date.now() tells it
   * @param standing it goes on for as long as the run
   * @throws when the connection closes, or the server goes on refusing with none of ours open
   */
  async start(client: Client, command: string, giveUpAt: number, standing = false): Promise<ClientChannel> {
    let deadline = Date.now() + patienceMs
    for (;;) {
      try {
        const opening = openChannel(client, command)
        const what = 'the host did not start the command'
        const channel = await within(answerMs, what, opening, (late) => late.destroy())
        this.#open += 1
        if (standing) this.#standing.add(channel)
        channel.once('close', () => {
          this.#open -= 1
          this.#standing.delete(channel)
        })
        return channel
      } catch (error) {
        if (this.#open > 0) deadline = Date.now() + patienceMs
        if (isFull(error)) {
          this.#full = true
          if (this.#open === this.#standing.size) this.#makeRoom()
        }
        if (!isFull(error) || Date.now() >= Math.min(deadline, giveUpAt)) throw error
        await new Promise((resolve) => setTimeout(resolve, everyMs))
      }
    }
  }

  /** Whether a session was ended to make room: what its command said at its end is then no answer. */
  gaveWay(channel: ClientChannel): boolean {
    return this.#gaveWay.has(channel)
  }

  #makeRoom(): void {
    for (const one of this.#standing) {
      this.#gaveWay.add(one)
      one.destroy()
    }
  }
}

function isFull(error: unknown): boolean {
  return error instanceof Error && 'reason' in error && fullReasons.includes(error.reason)
}
