import { Readable, Writable } from 'node:stream'
import { expect, it, vi } from 'vitest'
import { feed } from '../../../src/host/collect.js'
import type { Connection, Exited } from '../../../src/host/connection.js'
import type { Host } from '../../../src/host/host.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { takeOverScript } from '../../../src/host/run-scripts.js'
import { streamsOfOne } from '../../../src/host/streams.js'
import { Turns } from '../../../src/lib/turns.js'

const exited: Exited = { kind: 'exited', code: 0, stdout: Buffer.from('end\n'), stderr: '' }

/** Hosts that share turns; their commands end when they are told to. */
async function hosts(count: number, turns: Turns) {
  let running = 0
  let most = 0
  const ends: (() => void)[] = []
  const opened: number[] = []
  const connection: Connection = {
    description: 'slow',
    run: async ({ script }) => {
      if (script === takeOverScript) return exited
      running += 1
      most = Math.max(most, running)
      await new Promise<void>((resolve) => ends.push(resolve))
      running -= 1
      return exited
    },
    openTcp: () => Promise.reject(new Error('no TCP here')),
    close: async () => {},
  }
  const all = Array.from({ length: count }, (_, i) => createHost(`w${i}`, connection, undefined, turns))
  await Promise.all(all.map((host) => host.takeOver('epoch')))
  const send = (host: Host, i: number) =>
    host.mutate({
      script: 'cat >/dev/null',
      stdin: async () => {
        opened.push(i)
        return Readable.from(['data'])
      },
      timeoutMs: 1_000,
    })
  return { all, send, opened, most: () => most, end: () => void ends.splice(0).map((one) => one()) }
}
const later = () => new Promise((resolve) => setTimeout(resolve, 20))

it('streams to all hosts together are limited, and opened when their turn has come', async () => {
  const { all, send, opened, most, end } = await hosts(5, new Turns(2))
  const sending = all.map(send)
  await later()
  expect(opened).toEqual([0, 1])
  for (let i = 0; i < 3; i += 1) {
    end()
    await later()
  }
  await Promise.all(sending)
  expect(opened).toEqual([0, 1, 2, 3, 4])
  expect(most()).toBe(2)
})

it('other changes wait for no turn', async () => {
  const { all, send, end } = await hosts(2, new Turns(1))
  const sending = send(all[0] as Host, 0)
  await later()
  const other = all[1]?.mutate({ script: ':', stdin: 'text', timeoutMs: 1_000 })
  await later()
  end()
  await Promise.all([sending, other])
})

it('a stream of which nothing is accepted any more is given up', async () => {
  const endless = new Readable({
    read() {
      this.push(Buffer.alloc(64 * 1024))
    },
  })
  const began = Date.now()
  const outcome = await localConnection().run({
    script: 'sleep 30',
    stdin: endless,
    streaming: { acceptMs: 300, finishMs: 10_000 },
    timeoutMs: 60_000,
  })
  expect(outcome).toMatchObject({ kind: 'killed', signal: 'STALLED' })
  expect(Date.now() - began).toBeLessThan(5_000)
})

it('a command that does not end when all was sent is given up', async () => {
  const outcome = await localConnection().run({
    script: 'cat >/dev/null; sleep 30',
    stdin: Readable.from(['data']),
    streaming: { acceptMs: 10_000, finishMs: 300 },
    timeoutMs: 60_000,
  })
  expect(outcome).toMatchObject({ kind: 'killed', signal: 'UNFINISHED' })
})

it('one that is slow and goes on is not given up', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  try {
    const got: number[] = []
    // a chunk in 400 ms: all of them take longer than it may stall
    const slow = new Writable({
      highWaterMark: 1,
      write: (chunk: Buffer, _encoding, done) => {
        got.push(chunk.length)
        setTimeout(done, 400)
      },
    })
    const gaveUp: string[] = []
    const over = new Promise<void>((resolve) => slow.once('finish', () => resolve()))
    const chunks = Array.from({ length: 5 }, () => Buffer.alloc(10))
    const fed = feed(slow, '', Readable.from(chunks), over, {
      limits: { acceptMs: 900, finishMs: 900 },
      giveUp: (how) => gaveUp.push(how),
    })
    await vi.advanceTimersByTimeAsync(5_000)
    await fed
    expect(gaveUp).toEqual([])
    expect(got.filter((length) => length === 10).length).toBe(5)
  } finally {
    vi.useRealTimers()
  }
})

it('one that accepts a little now and then is given up', async () => {
  const slow = new Writable({
    highWaterMark: 1,
    write: (_chunk, _encoding, done) => void setTimeout(done, 20),
  })
  const gaveUp: string[] = []
  let end = (): void => {}
  const over = new Promise<void>((resolve) => {
    end = resolve
  })
  const chunks = Array.from({ length: 50 }, () => Buffer.alloc(10))
  await feed(slow, '', Readable.from(chunks), over, {
    limits: { acceptMs: 5_000, finishMs: 100, leastRate: { bytesPerSecond: 4096, overMs: 100 } },
    giveUp: (how) => {
      gaveUp.push(how)
      end()
    },
  })
  expect(gaveUp).toEqual(['SLOW'])
})

it.each([
  [8, 1, 8],
  [8, 3, 3],
  [8, 100, 2],
  [1, 5, 1],
])('of %i streams to %i hosts one host has at most %i', (atOnce, hosts, most) => {
  expect(streamsOfOne(atOnce, hosts)).toBe(most)
})

it('the error of one that was given up says what happened and what to do', async () => {
  const stalled: Connection = {
    description: 'stalled',
    run: async ({ script }) =>
      script === takeOverScript
        ? exited
        : { kind: 'killed', signal: 'STALLED', stdout: Buffer.alloc(0), stderr: '' },
    openTcp: () => Promise.reject(new Error('no TCP here')),
    close: async () => {},
  }
  const host = createHost('w1', stalled)
  await host.takeOver('epoch')
  await expect(
    host.upload(Readable.from(['x']), '/usr/bin/kubelet', { sha256: '', mode: '0755' }),
  ).rejects.toMatchObject({
    kind: 'step',
    host: 'w1',
    message: 'upload /usr/bin/kubelet: the host accepted no data for 60 s',
    next: expect.stringContaining('run again'),
  })
})
