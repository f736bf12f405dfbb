import { createSocket, type RemoteInfo } from 'node:dgram'
import { readFileSync } from 'node:fs'

export interface NameServer {
  /** Names that were asked for, in order, in lower case. */
  asked: readonly string[]
  close(): Promise<void>
}

/**
 * A DNS server over UDP (RFC 1035) that has addresses of some names, and passes every other question to the name server
 * of this computer. What it says may be kept for a second.
 * @param names IPv4 addresses by name
 */
export async function startNameServer(
  address: string,
  names: Readonly<Record<string, string>>,
): Promise<NameServer> {
  const [, upstream] = /^nameserver (\d+(?:\.\d+){3})$/m.exec(readFileSync('/etc/resolv.conf', 'utf8')) ?? []
  const asked: string[] = []
  const server = createSocket('udp4')
  server.on('error', () => {})
  server.on('message', (query: Buffer, from: RemoteInfo) => {
    const question = questionOf(query)
    if (question === undefined) return
    asked.push(question.name)
    const found = names[question.name]
    const reply = (answer: Buffer): void => server.send(answer, from.port, from.address)
    if (found !== undefined) reply(answerTo(query, question, found))
    else if (upstream !== undefined) pass(query, upstream, reply)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.bind(53, address, resolve)
  })
  return { asked, close: () => new Promise((resolve) => server.close(() => resolve())) }
}

interface Question {
  name: string
  type: number
  /** Where it ends in the message. */
  end: number
}

function questionOf(query: Buffer): Question | undefined {
  const labels: string[] = []
  let at = 12
  for (let length = query[at]; length; length = query[at]) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length))
    at += 1 + length
  }
  if (at + 5 > query.length) return undefined
  return { name: labels.join('.').toLowerCase(), type: query.readUInt16BE(at + 1), end: at + 5 }
}

const typeA = 1

/** With the address where one is asked for; there are none of other types. */
function answerTo(query: Buffer, { type, end }: Question, address: string): Buffer {
  const header = Buffer.from(query.subarray(0, 12))
  // a response, recursion desired and available; one question, perhaps one answer, nothing else
  header.writeUInt16BE(0x8180, 2)
  for (const [at, count] of [
    [4, 1],
    [6, type === typeA ? 1 : 0],
    [8, 0],
    [10, 0],
  ] as const)
    header.writeUInt16BE(count, at)
  const question = query.subarray(12, end)
  if (type !== typeA) return Buffer.concat([header, question])
  // the name by a pointer to the question; class IN, one second, four bytes
  const record = [0xc0, 12, 0, typeA, 0, 1, 0, 0, 0, 1, 0, 4, ...address.split('.').map(Number)]
  return Buffer.concat([header, question, Buffer.from(record)])
}

function pass(query: Buffer, upstream: string, reply: (answer: Buffer) => void): void {
  const socket = createSocket('udp4')
  const end = (): void => {
    clearTimeout(timer)
    socket.close()
  }
  const timer = setTimeout(end, 5_000)
  socket.once('error', end)
  socket.once('message', (answer) => {
    end()
    reply(answer)
  })
  socket.send(query, 53, upstream)
}
