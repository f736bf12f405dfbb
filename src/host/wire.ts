import type { Secret } from '../lib/secret.js'
import type { Command, Outcome } from './connection.js'
import { quote, quoteAll } from './quote.js'

/** How commands become root on the other side. */
export type Become =
  | 'none'
  | {
      sudo: {
        password: Secret | undefined
        /** Where the password's reference stands in the inventory. */
        at?: string
      }
    }

/** Ends whatever stands before the script on stdin: a password that sudo did not ask for, say. */
const sentinel = 'kubestrap-script-follows'

/** Begins the reason of a `lost` where the login shell or sudo ended before the script began. */
export const notBegun = 'the script did not start'

/** Begins stdout and stderr of every command: what stands before it is the login shell's, or sudo's. */
export const startMark = '\x1eKS go\x1e'

/** What the marks below begin with. stderr's has a line break of its own before it. */
export const startOfEnd = { stdout: '\x1eKS ', stderr: '\n\x1eKS ' } as const

/**
 * Ends stdout of every command that ran to its end or its deadline. The trailer on stderr alone does not say that
 * all of stdout has come: sshd reads both as it pleases.
 */
const endMark = Buffer.from('\x1eKS end\x1e')

/** Ends stderr of every command that ran to its end or its deadline; without it the answer was cut. */
const trailer = /\n?\x1eKS (\d+|timeout)\x1e$/

// The login shell (bash, fish, csh …) and sudo's log see only this text. Everything else arrives on
// stdin: what sudo left of the password, the sentinel, one line of base64 with the script, then what
// the script itself will read. `read` takes single bytes from a pipe, so nothing is swallowed.
const prelude = `while IFS= read -r s; do [ "$s" = ${sentinel} ] && break; done; IFS= read -r s; eval "$(printf %s "$s" | base64 -d)"`

// sudo's own words are read too (sudo-check.ts)
const sudo = 'exec env LC_ALL=C sudo'

/** The command line for the login shell: constant, harmless in any shell. */
export function commandLine(become: Become): string {
  const shell = `/bin/sh -c '${prelude}'`
  if (become === 'none') return `exec ${shell}`
  // without a password: -n, so that sudo fails at once instead of asking
  return become.sudo.password ? `${sudo} -S -p "" -- ${shell}` : `${sudo} -n -- ${shell}`
}

/** The command line that does nothing but try a password, given once; it ignores cached tickets. */
export const sudoCheckLine = `${sudo} -k -S -p "" -- /bin/sh -c 'printf "\\036KS go\\036\\036KS end\\036"; printf "\\036KS go\\036\\036KS 0\\036" >&2'`

/** What makes the prelude run a script that reads the rest of stdin as it comes, without any deadline. */
export function scriptHead(script: string, args: readonly string[]): string {
  return packed(`${marks}set -- ${quoteAll(args)}\n${script}`, '')
}

function packed(script: string, password: string): string {
  return `${password}${sentinel}\n${Buffer.from(script).toString('base64')}\n`
}

// sudo without secure_path, and logins of others than root, leave out where daemons and tools of root lie
const path = '$PATH:/usr/local/sbin:/usr/sbin:/sbin'

/** Says that from here on it is the script that speaks; and makes every program speak the one language we read. */
const marks = `[ -n "$PATH" ] || PATH=/bin; export LC_ALL=C PATH="${path}"; printf '\\036KS go\\036'; printf '\\036KS go\\036' >&2\n`

/**
 * What goes first on stdin. The script runs under `timeout` on the host as well, because a command
 * outlives its channel; an inner shell reports the script's own exit code on descriptor 4, so that a
 * script that exits 124 is not taken for one that was stopped. At the deadline that shell becomes a process that
 * stays until `timeout` kills the whole group: `timeout` watches no process but this one, and without it would leave
 * alone whatever ignores SIGTERM; that of uutils (Ubuntu 26.04) kills no other, so a child of the shell would hold the answer. The shells' own stderr is closed to what they say of that ("Killed").
 */
export function header(command: Command, become: Become): string {
  const seconds = Math.max(0.1, command.timeoutMs / 1000)
  const end = heredocEnd(command.script)
  const script = `${marks}exec 6>&1 7>&2 2>/dev/null
c=$(timeout -k ${command.reads ? 1 : 5} ${seconds} /bin/sh -c 't=; trap t=1 TERM; exec 2>/dev/null; (exec /bin/sh /dev/fd/3 "$@" 2>&7 4>&- 6>&- 7>&-); c=$?; [ -z "$t" ] || { trap "" TERM; exec sleep 60; }; printf %s $c >&4' sh ${quoteAll(command.args ?? [])} 4>&1 1>&6 2>&7 3<<${quote(end)}
${command.script}
${end}
)
[ -n "$c" ] || { c=timeout; false; }
printf '\\036KS end\\036' >&6
printf '\\n\\036KS %s\\036' "$c" >&7
[ "$c" = timeout ] && exit 124
exit "$c"
`
  const password = become !== 'none' && become.sudo.password ? `${become.sudo.password.reveal()}\n` : ''
  return packed(script, password)
}

/** A word that ends a here-document of that text. */
export function heredocEnd(script: string): string {
  let end = 'KUBESTRAP_END'
  while (script.includes(end)) end += '_'
  return end
}

/** What the transport saw of a command. */
export interface Ended {
  stdout: Buffer
  stderr: Buffer
  /** The reason when the transport broke before the command had ended. */
  lost?: string
  /** Why this side ended it: the signal of a `killed`. */
  gaveUp?: string
  /** What came before the start mark, when that never came. */
  noise?: string
}

/** Reads the trailer: which of the three ends it was. */
export function outcomeOf(ended: Ended): Outcome {
  const text = ended.stderr.toString()
  if (ended.gaveUp) return { kind: 'killed', signal: ended.gaveUp, stdout: ended.stdout, stderr: text }
  const match = trailer.exec(text)
  const end = ended.stdout.lastIndexOf(endMark)
  if (!match || end < 0) {
    const words = (text.slice(0, match?.index ?? markAt(text)).trim() || (ended.noise ?? '').trim())
      .split('\n')
      .slice(-5)
      .join('\n')
    const never = ended.noise === undefined ? '' : `${notBegun}: `
    return {
      kind: 'lost',
      reason: ended.lost ?? (words ? `${never}${words}` : 'the command ended without an exit code'),
    }
  }
  const stderr = text.slice(0, match.index)
  // what follows is not the script's: something it started in the background
  const stdout = ended.stdout.subarray(0, end)
  if (match[1] === 'timeout') return { kind: 'killed', signal: 'TIMEOUT', stdout, stderr }
  const code = Number(match[1])
  // sh reports death by signal n as 128+n; no script of ours exits with such a code itself
  if (code > 128 && code < 160) return { kind: 'killed', signal: signalName(code - 128), stdout, stderr }
  return { kind: 'exited', code, stdout, stderr }
}

/** Where a mark begins that is cut, or followed by what something in the background said; undefined without one. */
function markAt(text: string): number | undefined {
  const at = text.lastIndexOf(startOfEnd.stdout)
  return at < 0 ? undefined : at
}

const names: Readonly<Record<number, string>> = {
  1: 'HUP',
  2: 'INT',
  6: 'ABRT',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  15: 'TERM',
}

function signalName(n: number): string {
  return names[n] ?? `signal ${n}`
}
