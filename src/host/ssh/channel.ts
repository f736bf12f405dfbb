import type { Client, ClientChannel } from 'ssh2'
import { collector, feed } from '../collect.js'
import type { Command, Outcome } from '../connection.js'
import { outcomeOf } from '../wire.js'

/** How long after its remote deadline a command may stay silent before the transport counts as lost. */
const graceMs = 15_000

/** A channel that runs a command line. Throws an Error when the connection breaks or the host refuses. */
export function openChannel(client: Client, line: string): Promise<ClientChannel> {
  return new Promise((resolve, reject) => {
    const lost = (): void => reject(new Error('the connection closed'))
    client.once('close', lost)
    client.exec(line, (error, opened) => {
      client.removeListener('close', lost)
      if (error) reject(error)
      else resolve(opened)
    })
  })
}

/**
 * A command to its end.
 * @param opening the session it is started in
 * @param head what goes first on its input, before the command's stdin
 */
export async function execute(
  opening: Promise<ClientChannel>,
  head: string,
  command: Command,
): Promise<Outcome> {
  let channel: ClientChannel
  try {
    channel = await opening
  } catch (error) {
    return { kind: 'lost', reason: error instanceof Error ? error.message : String(error) }
  }
  const output = collector(command)
  channel.on('data', output.stdout)
  channel.stderr.on('data', output.stderr)
  const ended = new Promise<string | undefined>((resolve) => {
    let exited = false
    const timer = setTimeout(() => {
      channel.destroy()
      resolve(`no answer ${graceMs / 1000} s after the deadline`)
    }, command.timeoutMs + graceMs)
    // without it the transport broke; with it the shell or sudo ended, whatever they said
    channel.once('exit', () => {
      exited = true
    })
    channel.once('close', () => {
      clearTimeout(timer)
      resolve(exited ? undefined : 'the connection closed')
    })
  })
  const fed = feed(channel, head, command.stdin)
  const [lost] = await Promise.all([ended, fed])
  if (output.overflowed()) return { kind: 'lost', reason: 'the command said more than may be kept' }
  return outcomeOf({ ...output.result(), ...(lost ? { lost } : {}) })
}
