import type { Duplex } from 'node:stream'
import type { Client } from 'ssh2'
import { UserError } from '../../lib/errors.js'
import { AfterMark } from '../after-mark.js'
import { commandLine, scriptHead, startMark } from '../wire.js'
import { openChannel } from './channel.js'
import { within } from './opened-within.js'

/** How long the host may take to open the TCP connection, milliseconds. */
const openMs = 15_000

/** Exit code of a host that has neither program. */
const noProgram = 97

// socat says when it is connected; bash is made to. Once either side has ended, the other gets 2 s of
// silence from socat; bash cannot half-close (no shutdown(2)), and gives the far end 5 s.
const script = `
if command -v socat >/dev/null 2>&1; then
  case $1 in *:*) a="[$1]";; *) a=$1;; esac
  LC_ALL=C exec socat -d -d -t 2 - "TCP:$a:$2,nodelay,connect-timeout=10"
fi
command -v bash >/dev/null 2>&1 || exit ${noProgram}
exec bash -c '
exec 3<>"/dev/tcp/$1/$2" 4<&0 || exit 1
echo "starting data transfer loop" >&2
cat <&3 & reader=$!
{ cat <&4 >&3; sleep 5; kill $reader; } 2>/dev/null & writer=$!
exec 3>&- 4<&-
wait $reader
kill $writer 2>/dev/null
' bash "$1" "$2"
`

/** What both say once connected. */
const connected = /starting data transfer loop/

/**
 * A TCP stream by a program on the host, for where sshd forwards nothing: socat, else bash's /dev/tcp. It
 * runs as the login user; whatever is to be kept secret on the way is the caller's TLS.
 * Throws UserError('connection').
 */
export async function relay(client: Client, host: string, address: string, port: number): Promise<Duplex> {
  const opening = openChannel(client, commandLine('none'))
  const what = 'the host did not start a command'
  const channel = await within(openMs, what, opening, (late) => late.destroy()).catch((error: Error) => {
    throw new UserError('connection', `cannot reach ${address}:${port} through ${host}`, {
      host,
      why: error.message,
      cause: error,
    })
  })
  channel.on('error', () => {})
  channel.write(scriptHead(script, [address, String(port)]))
  const before = new AfterMark(startMark)
  const early: Buffer[] = []
  let words = ''
  return new Promise((resolve, reject) => {
    const end = (finish: () => void): void => {
      clearTimeout(timer)
      channel.removeListener('readable', onReadable)
      channel.removeListener('close', onClose)
      finish()
    }
    const failed = (why: string, next?: string): void =>
      end(() => {
        channel.destroy()
        const error = { host, why, ...(next ? { next } : {}) }
        reject(new UserError('connection', `cannot reach ${address}:${port} through ${host}`, error))
      })
    const onReadable = (): void => {
      for (let chunk = channel.read(); Buffer.isBuffer(chunk); chunk = channel.read())
        early.push(before.push(chunk))
      check()
    }
    let code: number | null = null
    channel.once('exit', (exit: number | null) => {
      code = exit
    })
    const onClose = (): void =>
      code === noProgram
        ? failed(
            'its sshd denies forwarding (AllowTcpForwarding no), and neither socat nor bash is installed',
            'install socat on the bastion, or set AllowTcpForwarding local in its sshd_config',
          )
        : failed(words.trim().split('\n').slice(-3).join('\n') || before.noise.trim() || 'the relay ended')
    const timer = setTimeout(() => failed(`no connection within ${openMs / 1000} s`), openMs)
    // not 'data': once nobody listens to 'readable' the stream waits for its reader, as a new one does
    channel.on('readable', onReadable)
    channel.once('close', onClose)
    // read to the end: a full window of unread words would stall the stream
    channel.stderr.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-16_384)
      check()
    })
    let done = false
    const check = (): void => {
      if (done || !connected.test(words) || !before.seen) return
      done = true
      end(() => {
        const rest = Buffer.concat(early)
        if (rest.length > 0) channel.unshift(rest)
        resolve(channel)
      })
    }
  })
}
