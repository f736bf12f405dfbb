import type { Duplex, Readable } from 'node:stream'
import type { Secret } from '../lib/secret.js'
import type { LedgerNote } from './ledger-script.js'

/** What a remote command is made of. `script` is constant text; every value travels in `args`. */
export interface Command {
  /** What it does, for messages and the log: "systemctl restart kubelet.service". Default: its script's first line. */
  what?: string
  /** POSIX sh; reads its values as "$1", "$2" … */
  script: string
  args?: readonly string[]
  /** What the script finds on its standard input. Secrets go here, never in `args`. */
  stdin?: string | Uint8Array | Secret | Readable
  /** Deadline in milliseconds, kept on the host too (`timeout -k`), since a command outlives its channel. */
  timeoutMs: number
  /** It changes nothing: at its deadline it has a second to end, where others have five. */
  reads?: true
  /**
   * Of a stream on stdin: how long the host may accept nothing of it, and how long the command may go on when all of it
   * was sent, milliseconds. Either ends it before `timeoutMs`, which for a stream only bounds what outlives its channel.
   */
  streaming?: Streaming
  /**
   * It goes on for as long as the run, and takes nobody's turn: where a host allows few sessions on a connection it has a
   * connection of its own. It may be `lost` at any time, and be begun again.
   */
  standing?: true
  /** What this makes on the machine, for its ledger. Heeded by Host.mutate only. */
  ledger?: readonly LedgerNote[]
  /** Called with output as it comes, for progress. */
  onOutput?: (chunk: Buffer, stream: 'stdout' | 'stderr') => void
  /** Most bytes of stdout kept; beyond that the command fails. Default 64 MiB. */
  maxOutput?: number
}

export interface Streaming {
  acceptMs: number
  finishMs: number
  /** Least bytes a second that the host accepts, over so many milliseconds of waiting for it. Absent: any. */
  leastRate?: { bytesPerSecond: number; overMs: number }
}

export interface Exited {
  kind: 'exited'
  code: number
  stdout: Buffer
  stderr: string
  /** When it was sent, by this computer's clock (Date.now()), where that is known: connecting may have taken long before. */
  sentAt?: number
}
export interface Killed {
  kind: 'killed'
  /** Signal name; 'TIMEOUT' when the deadline ended it, 'STALLED', 'SLOW' and 'UNFINISHED' when those of its stream did. */
  signal: string
  stdout: Buffer
  stderr: string
}
export interface Lost {
  kind: 'lost'
  /** What the transport said. */
  reason: string
}

/** The three ends of a command. Only `exited` may answer a probe: "could not look" is never "absent". */
export type Outcome = Exited | Killed | Lost

/** One verified way to run commands on a machine, as root (sudo is the connection's business). */
export interface Connection {
  /** For messages: "root@10.0.0.11:22" or "local". */
  readonly description: string
  run(command: Command): Promise<Outcome>
  /** A TCP stream opened from the machine (SSH direct-tcpip, or a plain socket for a local one). Throws UserError('connection'). */
  openTcp(host: string, port: number): Promise<Duplex>
  /** The SSH host key that was verified, in its wire form; undefined while there was no connection, and without SSH. */
  hostKey?(): Buffer | undefined
  close(): Promise<void>
}
