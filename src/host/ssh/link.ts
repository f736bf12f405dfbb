import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'

/** How long an ended connection may take to say goodbye. */
const lingerMs = 500

/** An authenticated connection, with the bastions below it. */
export interface Link {
  client: Client
  /** The host key that was accepted. */
  hostKey?: Buffer | undefined
  /** Ends it, and lets go of its bastion: whatever the other side does or does not, nothing of it is left. */
  end(): void
}

/**
 * @param socket what the client was connected with; the client itself destroys it no more once it has ended it
 *   (ssh2 asks whether it is writable), and a peer that says nothing then keeps the process alive
 * @param release lets go of what the connection goes through; called at least once, however it ends
 */
export function linkOf(client: Client, socket: Duplex, release: () => void, hostKey?: Buffer): Link {
  client.once('close', release)
  return {
    client,
    hostKey,
    end: () => {
      client.end()
      // sshd waits for forwarded streams whose data nobody took, and a host that hangs never answers. A stream
      // through a bastion ends only with the bastion's word, so the bastion is let go of here as well.
      const timer = setTimeout(() => {
        socket.destroy()
        release()
      }, lingerMs)
      client.once('close', () => clearTimeout(timer))
    },
  }
}
