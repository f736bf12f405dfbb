import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { type AddressInfo, createConnection } from 'node:net'
import type { Writable } from 'node:stream'
import ssh2, { type Connection, type ServerChannel, type Session } from 'ssh2'
import type { SshFiles } from './ssh-files.js'

/** sshd's MaxSessions: the 11th session of a connection is refused. */
const maxSessions = 10

/** An SSH server that runs here. */
export interface SshServer {
  port: number
  /** Breaks every connection as a network would: without a word. */
  drop(): Promise<void>
  stop(): Promise<void>
}

/** A server in this process on a free port; commands are really run by /bin/sh, tunnels really opened. */
export async function startSshServer(files: SshFiles): Promise<SshServer> {
  const sockets = new Set<{ destroy(): void }>()
  const allowed = ssh2.utils.parseKey(files.publicKey(files.client))
  if (allowed instanceof Error) throw allowed
  const server = new ssh2.Server({ hostKeys: [readFileSync(files.host)] }, (client) => serve(client))
  server.on('connection', (client: Connection) => {
    // ssh2 hands out no socket; `_sock` is the only way to break one without saying goodbye
    const socket: unknown = Reflect.get(client, '_sock')
    if (typeof socket !== 'object' || socket === null || !('destroy' in socket)) throw new Error('no socket')
    const { destroy } = socket
    if (typeof destroy !== 'function') throw new Error('no socket')
    const entry = { destroy: () => Reflect.apply(destroy, socket, []) }
    sockets.add(entry)
    client.once('close', () => sockets.delete(entry))
  })

  const serve = (client: Connection): void => {
    let sessions = 0
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      if (attempt.method !== 'publickey' || !attempt.key.data.equals(allowed.getPublicSSH()))
        return attempt.reject(['publickey'])
      if (
        attempt.signature &&
        attempt.blob &&
        !allowed.verify(attempt.blob, attempt.signature, attempt.hashAlgo)
      )
        return attempt.reject(['publickey'])
      attempt.accept()
    })
    client.on('session', (accept, reject) => {
      if (sessions >= maxSessions) return reject()
      sessions += 1
      const session: Session = accept()
      session.on('close', () => {
        sessions -= 1
      })
      session.on('exec', (agree, _, { command }) => execute(agree(), command))
    })
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = createConnection(destPort, destIP)
      socket.once('error', () => reject())
      socket.once('connect', () => {
        socket.removeAllListeners('error').on('error', () => {})
        const channel = accept()
        channel.on('error', () => {})
        channel.pipe(socket).pipe(channel)
      })
    })
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const drop = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: (server.address() as AddressInfo).port,
    drop,
    stop: async () => {
      await drop()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function execute(channel: ServerChannel, command: string): void {
  const child = spawn('/bin/sh', ['-c', command])
  channel.on('error', () => {})
  child.stdin.on('error', () => {})
  channel.pipe(child.stdin)
  // one after the other: ssh2 forgets stderr that waits for room in the window while stdout waits too,
  // and end() waits for stdout alone
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()))
  let said = Promise.resolve()
  const say = (into: Writable) => (chunk: Buffer) => {
    said = said.then(() =>
      Promise.race([closed, new Promise<void>((resolve) => into.write(chunk, () => resolve()))]),
    )
  }
  child.stdout.on('data', say(channel))
  child.stderr.on('data', say(channel.stderr))
  child.once('close', async (code) => {
    await said
    channel.exit(code ?? 255)
    channel.end()
  })
}
