import type { Client } from 'ssh2'
import { unlessAborted } from '../../lib/unless-aborted.js'
import type { SshSpec } from '../ssh-spec.js'
import type { Link } from './link.js'

interface Shared {
  link: Promise<Link>
  users: number
  /** Ends the dial when its last user has gone. */
  ended: AbortController
}

/** One connection per bastion, for all hosts behind it; ended when the last of them is gone. */
export class Bastions {
  readonly #open = new Map<string, Shared>()

  /**
   * @param signal of the user: one that gives up waits no longer
   * @param dial called when there is no connection yet
   * @returns the connection, and what to call when it is no longer used
   */
  async use(
    ssh: SshSpec,
    signal: AbortSignal,
    dial: (ended: AbortSignal) => Promise<Link>,
  ): Promise<{ client: Client; release: () => void }> {
    const key = keyOf(ssh)
    const shared = this.#open.get(key) ?? start(dial)
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
      shared.ended.abort(signal.reason)
      shared.link.then(
        (link) => link.end(),
        () => {},
      )
    }
    signal.addEventListener('abort', release, { once: true })
    try {
      const { client } = await unlessAborted(signal, shared.link)
      client.once('close', forget)
      return { client, release }
    } catch (error) {
      forget()
      throw signal.aborted ? signal.reason : error
    } finally {
      signal.removeEventListener('abort', release)
    }
  }
}

function start(dial: (ended: AbortSignal) => Promise<Link>): Shared {
  const ended = new AbortController()
  return { link: dial(ended.signal), users: 0, ended }
}

/**
 * What makes a connection the same: where it goes, as whom, by what keys, and what was checked of the host. A
 * host that takes any new key must not lend its bastion to one that is strict.
 */
function keyOf(ssh: SshSpec): string {
  const { user, host, port, proxyCommand, via, hostKeys, hostKey, hostKeyAlias, knownHosts } = ssh
  const { keys, keysNamed, identitiesOnly, agent } = ssh
  return JSON.stringify([
    [user, host, port, proxyCommand ?? ''],
    [hostKeys, hostKey ?? '', hostKeyAlias ?? '', knownHosts],
    [keys, keysNamed, identitiesOnly, agent ?? ''],
    [ssh.passphrase, ssh.password].map((secret) => secret?.source ?? ''),
    via ? keyOf(via) : '',
  ])
}
