import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { UserError } from '../../lib/errors.js'
import { unlessAborted } from '../../lib/unless-aborted.js'
import type { Operator, Patience } from '../operator.js'
import type { SshSpec } from '../ssh-spec.js'
import { type Offer, offerOf } from './credentials.js'
import { HostKeys } from './host-keys.js'
import { type Link, linkOf } from './link.js'
import { pingEveryMs, watchSilence } from './liveness.js'
import { attempts } from './log-in.js'
import { NotLetIn, nothingInCommon, nothingToTry, notLetIn } from './login-error.js'
import { negotiation } from './negotiation.js'
import { command, type Named, tcp, throughBastion } from './transport.js'

/** sshd's LoginGraceTime: a person may be at the questions of a second factor. */
const loginDeadlineMs = 120_000

/**
 * An authenticated SSH connection to a machine whose key was checked, bastions on the way included.
 * A person is asked only when the machine took nothing of what could be had without, and never while
 * it waits. Every part has a deadline of its own, and all end when `signal` is aborted: nothing dials then.
 * Throws UserError('connection') that says which part failed: way, name, port, key, login.
 */
export async function dial(
  host: Named,
  ssh: SshSpec,
  operator: Operator,
  signal: AbortSignal,
): Promise<Link> {
  const gather = (mayAsk: boolean): Promise<Offer> =>
    unlessAborted(signal, named(host, offerOf(ssh, operator, mayAsk)))
  const offer = await gather(false)
  if (offer.ways.some(({ name }) => name !== 'questions')) {
    try {
      return await dialWith(host, ssh, operator, offer, signal)
    } catch (error) {
      if (!(error instanceof NotLetIn) || !offer.wantsAsking || !operator.secrets.terminal) throw error
    }
  } else if (!offer.wantsAsking) throw nothingToTry(host, ssh, offer.problems)
  return dialWith(host, ssh, operator, await gather(true), signal)
}

async function dialWith(
  host: Named,
  ssh: SshSpec,
  operator: Operator,
  offer: Offer,
  signal: AbortSignal,
): Promise<Link> {
  const keys = await HostKeys.read(host.name, ssh)
  const { via } = ssh
  const bastion =
    via &&
    (await operator.bastions.use(via, signal, (ended) =>
      dial({ name: `bastion ${via.user}@${via.host}`, at: host.at }, via, operator, ended),
    ))
  const release = (): void => bastion?.release()
  try {
    const { client, socket } = await operator.pace.run(ssh.host, async () => {
      for (;;) {
        signal.throwIfAborted()
        const way = await stream(host, ssh, bastion?.client, signal, operator.connectMs)
        try {
          return {
            client: await handshake(host, ssh, way, keys, offer, operator.patience, signal),
            socket: way.socket,
          }
        } catch (error) {
          way.socket.destroy()
          // it may have the key with the right fingerprint too, of another type
          if (!keys.anotherType()) throw error
        }
      }
    })
    const link = linkOf(client, socket, release, keys.accepted)
    try {
      await keys.remember()
    } catch (error) {
      link.end()
      throw error
    }
    return link
  } catch (error) {
    release()
    throw error
  }
}

interface Stream {
  socket: Duplex
  /** What a ProxyCommand said. */
  said: () => string
}

async function stream(
  host: Named,
  ssh: SshSpec,
  bastion: Client | undefined,
  signal: AbortSignal,
  connectMs: number | undefined,
): Promise<Stream> {
  if (bastion && ssh.via)
    return { socket: await throughBastion(host, ssh, ssh.via, bastion, signal), said: () => '' }
  if (ssh.proxyCommand === undefined)
    return { socket: await tcp(host, ssh, signal, connectMs), said: () => '' }
  const { stream: socket, said } = command(host, ssh.proxyCommand)
  return { socket, said }
}

async function handshake(
  host: Named,
  ssh: SshSpec,
  { socket, said }: Stream,
  keys: HostKeys,
  offer: Offer,
  { handshakeMs, silenceMs }: Patience,
  signal: AbortSignal,
): Promise<Client> {
  const { default: ssh2 } = await import('ssh2')
  const login = attempts(offer.ways)
  const offers = negotiation()
  const client = new ssh2.Client()
  keys.dialled()
  return new Promise<Client>((resolve, reject) => {
    let shaken = false
    const fail = (error: Error & { level?: string }): void => {
      // the agent refuses to sign with one key: there are others
      if (error.level === 'agent') return
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      client.destroy()
      socket.destroy()
      if (signal.aborted) reject(signal.reason)
      else
        reject(
          keys.refusal ??
            nothingInCommon(host, ssh, error, offers) ??
            notLetIn(host, ssh, error, login, offer.problems, said()),
        )
    }
    const aborted = (): void => fail(new Error('aborted'))
    const late = (): void =>
      fail(
        new Error(
          shaken
            ? `the login did not end within ${loginDeadlineMs / 1000} s`
            : `no SSH handshake within ${handshakeMs / 1000} s`,
        ),
      )
    let timer = setTimeout(late, handshakeMs)
    signal.addEventListener('abort', aborted, { once: true })
    client.once('handshake', () => {
      shaken = true
      clearTimeout(timer)
      timer = setTimeout(late, loginDeadlineMs)
    })
    client.once('ready', () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', aborted)
      client.removeAllListeners('error')
      // every command and every host behind a bastion listens for its end
      client.setMaxListeners(0)
      // nothing said after an error can be trusted, and a peer that keeps its side open would keep ours
      client.on('error', () => socket.destroy())
      const stop = watchSilence(socket, silenceMs, () => socket.destroy())
      client.once('close', stop)
      resolve(client)
    })
    client.on('error', fail)
    client.once('close', () => fail(new Error('the connection was closed before the login')))
    if (signal.aborted) return aborted()
    client.connect({
      sock: socket,
      username: ssh.user,
      authHandler: login.handler,
      // at once: see HostKeys
      hostVerifier: (key: Buffer) => keys.accept(key),
      algorithms: { serverHostKey: keys.algorithms() as never },
      readyTimeout: 0,
      debug: (text) => {
        if (!shaken) offers.hear(text)
      },
      keepaliveInterval: pingEveryMs(silenceMs),
      // whether it is alive is judged by all it says: see watchSilence
      keepaliveCountMax: Number.MAX_SAFE_INTEGER,
    })
  })
}

/** The error of a promise, as this host's. */
async function named<T>(host: Named, promise: Promise<T>): Promise<T> {
  try {
    return await promise
  } catch (error) {
    if (!(error instanceof UserError) || error.host !== undefined) throw error
    const { why, next } = error
    throw new UserError(error.kind, error.message, {
      host: host.name,
      cause: error,
      ...(why === undefined ? {} : { why }),
      ...(next === undefined ? {} : { next }),
    })
  }
}
