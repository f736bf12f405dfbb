import { EventEmitter } from 'node:events'
import { Duplex, PassThrough } from 'node:stream'
import type { Client, ClientChannel } from 'ssh2'
import { expect, test } from 'vitest'
import { execute, openChannel } from '../../../../src/host/ssh/channel.js'

/** A channel over which a login shell says a line; what it is sent is not read. */
function channelThatSays(words: string): ClientChannel {
  const channel = new Duplex({ read() {}, write: (_chunk, _encoding, done) => done() })
  channel.push(words)
  channel.push(null)
  return Object.assign(channel, { stderr: new PassThrough().end() }) as unknown as ClientChannel
}

// seen: nologin on a busy box, its words and its exit in one packet with the channel's opening
test('a command that has ended when its channel is handed on has ended, and its words are told', async () => {
  const channel = channelThatSays('This account is currently not available.\n')
  const client = Object.assign(new EventEmitter(), {
    exec: (_line: string, done: (error: Error | undefined, opened: ClientChannel) => void) => {
      done(undefined, channel)
      channel.emit('exit', 1)
    },
  }) as unknown as Client
  const outcome = await execute(() => openChannel(client, 'nologin'), '', { script: '', timeoutMs: 1_000 })
  expect(outcome).toMatchObject({
    kind: 'lost',
    reason: expect.stringContaining('This account is currently not available'),
  })
})
