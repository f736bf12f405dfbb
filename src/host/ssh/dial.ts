import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import type { SshSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import type { Operator } from '../operator.js'
import { type Offer, offerOf } from './credentials.js'
import { HostKeys } from './host-keys.js'
import { attempts } from './log-in.js'
import { NotLetIn, nothingToTry, notLetIn } from './login-error.js'
import { command, type Named, tcp, throughBastion } from './transport.js'

const handshakeDeadlineMs = 20_000
/** sshd's LoginGraceTime: a person may be at the questions of a second factor. */
const loginDeadlineMs = 120_000

/**
 * An authenticated SSH connection to a machine whose key was checked, bastions on the way included.
 * A person is asked only when the machine took nothing of what could be had without, and never while
 * it waits. Throws UserError('connection') that says which part failed: way, name, port, key, login.
 */
export async function dial(host: Named, ssh: SshSpec, operator: Operator): Promise<Client> {
  const offer = await named(host, offerOf(ssh, operator, false))
  if (offer.ways.some(({ name }) => name !== 'questions')) {
    try {
      return await dialWith(host, ssh, operator, offer)
    } catch (error) {
      if (!(error instanceof NotLetIn) || !offer.wantsAsking || !operator.secrets.terminal) throw error
    }
  } else if (!offer.wantsAsking) throw nothingToTry(host, ssh, offer.problems)
  return dialWith(host, ssh, operator, await named(host, offerOf(ssh, operator, true)))
}

async function dialWith(host: Named, ssh: SshSpec, operator: Operator, offer: Offer): Promise<Client> {
  const keys = await HostKeys.read(host.name, ssh)
  const { via } = ssh
  const bastion =
    via &&
    (await operator.bastions.use(via, () =>
      dial({ name: `bastion ${via.user}@${via.host}`, at: host.at }, via, operator),
    ))
  try {
    const client = await operator.pace.run(ssh.host, async () => {
      for (;;) {
        const way = await stream(host, ssh, bastion?.client)
        try {
          return await handshake(host, ssh, way, keys, offer)
        } catch (error) {
          // it may have the key with the right fingerprint too, of another type
          if (!keys.anotherType()) throw error
        }
      }
    })
    client.once('close', () => bastion?.release())
    return client
  } catch (error) {
    bastion?.release()
    throw error
  }
}

interface Stream {
  socket: Duplex
  /** What a ProxyCommand said. */
  said: () => string
}

async function stream(host: Named, ssh: SshSpec, bastion: Client | undefined): Promise<Stream> {
  if (bastion && ssh.via) return { socket: await throughBastion(host, ssh, ssh.via, bastion), said: () => '' }
  if (ssh.proxyCommand === undefined) return { socket: await tcp(host, ssh), said: () => '' }
  const { stream: socket, said } = command(host, ssh.proxyCommand)
  return { socket, said }
}

async function handshake(
  host: Named,
  ssh: SshSpec,
  { socket, said }: Stream,
  keys: HostKeys,
  offer: Offer,
): Promise<Client> {
  const { default: ssh2 } = await import('ssh2')
  const login = attempts(offer.ways)
  const client = new ssh2.Client()
  return new Promise<Client>((resolve, reject) => {
    let shaken = false
    const fail = (error: Error & { level?: string }): void => {
      // the agent refuses to sign with one key: there are others
      if (error.level === 'agent') return
      clearTimeout(timer)
      client.destroy()
      reject(keys.refusal ?? notLetIn(host, ssh, error, login, offer.problems, said()))
    }
    const late = (): void =>
      fail(
        new Error(
          shaken ? 'the login took too long' : `no SSH handshake within ${handshakeDeadlineMs / 1000} s`,
        ),
      )
    let timer = setTimeout(late, handshakeDeadlineMs)
    client.once('handshake', () => {
      shaken = true
      clearTimeout(timer)
      timer = setTimeout(late, loginDeadlineMs)
    })
    client.once('ready', () => {
      clearTimeout(timer)
      client.removeAllListeners('error')
      // every command and every host behind a bastion listens for its end
      client.setMaxListeners(0)
      // an error after this is followed by 'close', which is what the connection listens to
      client.on('error', () => {})
      resolve(client)
    })
    client.on('error', fail)
    client.once('close', () => fail(new Error('the connection was closed before the login')))
    client.connect({
      sock: socket,
      username: ssh.user,
      authHandler: login.handler,
      hostVerifier: (key: Buffer, verify: (ok: boolean) => void) => {
        keys.accept(key).then(verify, () => verify(false))
      },
      algorithms: { serverHostKey: keys.algorithms() as never },
      readyTimeout: 0,
      keepaliveInterval: 10_000,
      keepaliveCountMax: 3,
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
