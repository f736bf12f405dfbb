import type { Client, ClientChannel } from 'ssh2'
import { messageOf } from '../../lib/errors.js'
import { collector, feed } from '../collect.js'
import type { Command, Outcome } from '../connection.js'
import { graceMs } from '../grace.js'
import { outcomeOf } from '../wire.js'
import { within } from './opened-within.js'

/**
 * Channels whose command has said how it ended. Noted from the moment they are open: what opened, spoke and ended in one
 * packet has said it before anybody who waits for the channel goes on.
 */
const exited = new WeakSet<ClientChannel>()

/** A channel that runs a command line. Throws an Error when the connection breaks or the host refuses. */
export function openChannel(client: Client, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new Error('the connection closed'))
    client.once('close', lost)
    client.exec(line, (error, opened) => {
      client.removeListener('close', lost)
      if (error) return reject(error)
      opened.once('exit', () => exited.add(opened))
      resolve(opened)
    })
  })
}

/**
 * A command to its end, or to its deadline, which runs from here on: a server that opens no session, or starts
 * no command in it, has not answered either.
 * @param open starts the session; `giveUpAt` (Date.now()) is when it need not try any more
 * @param head what goes first on its input, before the command's stdin
 */
export async function execute(
  open: (giveUpAt: number) => Promise<ClientChannel>,
  head: string,
  command: Command,
): Promise<Outcome> {
  const allowedMs = command.timeoutMs + graceMs
  const deadline = Date.now() + allowedMs
  let channel: ClientChannel
  try {
    const opening = open(deadline)
    channel = await within(allowedMs, 'the host did not start the command', opening, (late) => late.destroy())
  } catch (error) {
    return { kind: 'lost', reason: messageOf(error) }
  }
  const sentAt = Date.now()
  const output = collector(command)
  channel.on('data', output.stdout)
  channel.stderr.on('data', output.stderr)
  let gaveUp: string | undefined
  let giveUp = (_how: string): void => {}
  const ended = new Promise<string | undefined>((resolve) => {
    const end = (lost: string | undefined): void => {
      clearTimeout(timer)
      resolve(lost)
    }
    const timer = setTimeout(() => {
      channel.destroy()
      end(`no answer within ${graceMs / 1000} s after the deadline`)
    }, deadline - Date.now())
    giveUp = (how) => {
      gaveUp = how
      channel.destroy()
      end(how)
    }
    // without an exit the transport broke; with it the shell or sudo ended, whatever they said
    channel.once('close', () => end(exited.has(channel) ? undefined : 'the connection closed'))
    output.onOverflow(() => {
      channel.destroy()
      end('the output of the command is too large')
    })
  })
  const streaming = command.streaming && { limits: command.streaming, giveUp: (how: string) => giveUp(how) }
  const fed = feed(channel, head, command.stdin, ended, streaming)
  const [lost] = await Promise.all([ended, fed])
  const outcome = outcomeOf({ ...output.result(), ...(lost ? { lost } : {}), ...(gaveUp ? { gaveUp } : {}) })
  return outcome.kind === 'exited' ? { ...outcome, sentAt } : outcome
}
