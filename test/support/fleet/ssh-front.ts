import { spawn } from 'node:child_process'
import { createConnection, type Socket } from 'node:net'
import ssh2, { type ServerChannel } from 'ssh2'
import { startMark } from '../../../src/host/wire.js'
import { entering, environment } from '../simulated/namespaces.js'
import { readHeader } from './read-command.js'
import type { ReplayedHost, Said } from './replayed-host.js'

/** What was seen of the operator at one host. */
export interface Seen {
  connections: number
  commands: number
  /** TCP streams that were opened through it. */
  streams: number
}

/** Answers one command line of a session. */
export type Execute = (channel: ServerChannel, line: string) => void

/**
 * SSH of one host, on sockets that somebody else accepts.
 * @param names addresses by name, as the host's own resolver would have them
 */
export function sshFront(
  hostKey: string,
  allowed: string,
  seen: Seen,
  execute: Execute,
  names: Readonly<Record<string, string>> = {},
): (socket: Socket) => void {
  const key = ssh2.utils.parseKey(allowed)
  if (key instanceof Error) throw key
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    seen.connections += 1
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      const mine = attempt.method === 'publickey' && attempt.key.data.equals(key.getPublicSSH())
      if (!mine) return attempt.reject(['publickey'])
      if (attempt.signature && attempt.blob && !key.verify(attempt.blob, attempt.signature, attempt.hashAlgo))
        return attempt.reject(['publickey'])
      attempt.accept()
    })
    client.on('session', (accept) =>
      accept().on('exec', (agree, _, { command }) => {
        seen.commands += 1
        const channel = agree()
        channel.on('error', () => {})
        execute(channel, command)
      }),
    )
    client.on('tcpip', (accept, reject, { destIP, destPort }) => {
      const socket = createConnection(destPort, names[destIP] ?? destIP)
      socket.once('error', () => reject())
      socket.once('connect', () => {
        seen.streams += 1
        socket.removeAllListeners('error').on('error', () => {})
        const channel = accept()
        channel.on('error', () => {})
        channel.pipe(socket).pipe(channel)
      })
    })
  })
  return (socket) => server.injectSocket(socket)
}

/** By a host that is replayed. */
export const byReplay =
  (host: ReplayedHost): Execute =>
  (channel) => {
    const chunks: Buffer[] = []
    let over = false
    let begun = false
    let whole: (stdin: Buffer) => void = () => {}
    const stdin = new Promise<Buffer>((resolve) => {
      whole = resolve
    })
    let spoke = false
    const say = (text: string): void => {
      channel.write(`${startMark}${text}`)
      spoke = true
    }
    const answer = ({ code, stdout, stderr }: Said): void => {
      const start = Buffer.from(startMark)
      // as the header of wire.ts ends them
      channel.stderr.write(Buffer.concat([start, stderr, Buffer.from(`\n\x1eKS ${code}\x1e`)]))
      channel.write(Buffer.concat([...(spoke ? [] : [start]), stdout, Buffer.from('\x1eKS end\x1e')]))
      channel.exit(code)
      channel.end()
    }
    const begin = (): void => {
      const text = Buffer.concat(chunks)
      const first = text.indexOf(10)
      const second = first < 0 ? -1 : text.indexOf(10, first + 1)
      if (second < 0) return
      begun = true
      const header = readHeader(text.subarray(first + 1, second).toString())
      chunks.splice(0, chunks.length, text.subarray(second + 1))
      host
        .run(header, () => (over ? Promise.resolve(Buffer.concat(chunks)) : stdin), say)
        .then(answer, (error: unknown) => {
          host.unknown.push(String(error))
          answer({ code: 1, stdout: Buffer.alloc(0), stderr: Buffer.from(String(error)) })
        })
    }
    channel.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      if (!begun) begin()
    })
    channel.once('end', () => {
      over = true
      whole(Buffer.concat(chunks))
    })
  }

/** By a simulated host, whose first process is known. */
export const byNamespace =
  (pid: number): Execute =>
  (channel, line) => {
    const child = spawn('nsenter', [...entering(pid), '/bin/sh', '-c', line], {
      stdio: 'pipe',
      env: environment,
    })
    child.stdin.on('error', () => {})
    channel.pipe(child.stdin)
    child.stdout.pipe(channel, { end: false })
    child.stderr.pipe(channel.stderr, { end: false })
    child.once('close', (code) => {
      channel.exit(code ?? 255)
      channel.end()
    })
  }
