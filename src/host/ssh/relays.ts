import type { Duplex } from 'node:stream'
import type { Link } from './link.js'
import { relay } from './relay.js'

/** Streams on one connection; sshd refuses the 11th session (MaxSessions 10). */
const perConnection = 8

interface Carrier {
  link: Promise<Link>
  busy: number
}

/**
 * Relays of one host. Each is a session that stays, so they have connections of their own: on the
 * host's one they would take the places of its commands.
 */
export class Relays {
  readonly #carriers = new Set<Carrier>()

  /** @param dial another connection to the host */
  constructor(
    readonly host: string,
    readonly dial: () => Promise<Link>,
  ) {}

  /** Throws UserError('connection'). */
  async open(address: string, port: number): Promise<Duplex> {
    const carrier = [...this.#carriers].find(({ busy }) => busy < perConnection) ?? this.#add()
    carrier.busy += 1
    try {
      const stream = await relay((await carrier.link).client, this.host, address, port)
      stream.once('close', () => {
        carrier.busy -= 1
      })
      return stream
    } catch (error) {
      carrier.busy -= 1
      throw error
    }
  }

  close(): void {
    for (const { link } of this.#carriers)
      link.then(
        (open) => open.end(),
        () => {},
      )
    this.#carriers.clear()
  }

  #add(): Carrier {
    const carrier: Carrier = { link: this.dial(), busy: 0 }
    this.#carriers.add(carrier)
    const forget = (): void => {
      this.#carriers.delete(carrier)
    }
    carrier.link.then(({ client }) => client.once('close', forget), forget)
    return carrier
  }
}
