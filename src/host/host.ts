import type { Readable } from 'node:stream'
import type { Secret } from '../lib/secret.js'
import type { Command, Connection, Exited } from './connection.js'
import type { HeldByOther, Holding, HoldRequest } from './run-lock.js'
import type { AtWork } from './run-scripts.js'

/** A read-only question to a host; those asked in one turn travel together. */
export interface Read {
  /** What it asks, for the log. Default: its script's first line. */
  what?: string
  /** Its answer may stand in the log: it can hold no secret. Default false. */
  logged?: boolean
  script: string
  args?: readonly string[]
  /** Its own deadline inside the frame. Default 10 000 ms. */
  timeoutMs?: number
}

/** What is at a path. Absence is a value; failure to look throws. */
export type FileState =
  | { kind: 'absent' }
  | {
      kind: 'file'
      mode: string // four octal digits: "0644"
      owner: string // "root:root"
      size: number
      sha256: string // lower-case hex
      /** Present when asked for with `content: true` and the file is at most 1 MiB. */
      content?: Buffer
    }
  | { kind: 'directory'; mode: string; owner: string }
  | { kind: 'symlink'; target: string }
  | { kind: 'other' }

export interface FileWrite {
  path: string
  content: string | Uint8Array | Secret
  mode: string
  /** "root:root" unless said otherwise. */
  owner?: string
  /** Mode of parent directories that must be made. Default "0755". */
  directoryMode?: string
  /** Run under the same lock right before the rename: marks a unit for restart (see design: "Restart is a difference"). */
  marks?: readonly string[]
  /** How the ledger knows it: as a file of ours (default), the user's that we edit, not at all, or by a tree it lies in. */
  ledger?: 'file' | 'edit' | 'none' | `/${string}`
}

/** A change: a command, whose stream on stdin may be opened when its turn has come. */
export interface Mutation extends Omit<Command, 'stdin'> {
  stdin?: Command['stdin'] | (() => Promise<Readable>)
  /** It ends the connection that it came by (a reboot): an answer that is lost with it is none of its failures. */
  endsConnection?: true
}

/** A machine of the inventory: a connection plus batching. Everything on it runs as root. */
export interface Host {
  readonly name: string
  readonly connection: Connection
  /** Number of round trips so far (frames and commands), for tests and the summary. */
  readonly roundTrips: number

  /** Asks; reads of one turn share a frame. Resolves whatever the exit code; throws UserError('connection') when killed or lost. */
  read(question: Read): Promise<Exited>
  /** State of a path; questions of one turn share a frame. */
  stat(path: string, options?: { content?: boolean }): Promise<FileState>
  /** Changes something; one with a stream on stdin waits for its turn among those of all hosts. Runs under the shared host lock and only while this run's epoch holds. Throws UserError('step') unless it exits 0. */
  mutate(command: Mutation): Promise<Exited>
  /** Atomic write: temporary file in the same directory → owner, mode → fsync → rename. Writes of one turn share a command. */
  write(file: FileWrite): Promise<void>
  /**
   * Streams a local file (or stream) to `path` atomically; the digest of what arrived must equal `sha256`. What many hosts of
   * a run want may come from one of them (transfer/transfers.ts).
   */
  upload(
    source: string | Readable,
    path: string,
    options: { sha256: string; mode: string; gunzip?: boolean; onBytes?: (n: number) => void },
  ): Promise<void>
  /** Runs a script with a local file on its standard input, where its digest is `sha256`: no other is ever read whole. */
  pipe(
    source: string,
    into: Pick<Command, 'what' | 'script' | 'ledger'>,
    options: { sha256: string; size: number; onBytes: (n: number) => void },
  ): Promise<void>
  /** Who is at work on it; changes nothing. Waits so long, milliseconds, for a change that is under way. */
  atWork(waitMs?: number): Promise<AtWork>
  /**
   * Waits until predecessors' mutations have ended (exclusive flock), then makes `epoch` the only one that may mutate.
   * @param words what others are told of this run
   * @returns whose it was
   */
  takeOver(epoch: string, words?: string): Promise<AtWork>
  /**
   * As `takeOver`, at the first change and only where there is one. That change throws UserError('step') when the host is no
   * longer as it was seen: another run has had it.
   */
  takeOverLater(epoch: string, words: string, seen: AtWork): void
  /**
   * The same once more after a reboot, which forgets whose the host was. Throws UserError('step') when another run has had it
   * since the boot; nothing where this run has changed nothing there.
   */
  takeOverAgain(): Promise<void>
  /**
   * Takes this host's share of the cluster's lock and keeps it until it is let go, or until `close`. Throws
   * UserError('connection') when it is not known who has it.
   */
  hold(request: HoldRequest): Promise<Holding | HeldByOther>
  /** Says that this run has ended; nothing when it did not take the host over. Never throws. */
  letGo(): Promise<void>
  /** Lets go of the cluster's lock, and closes the connection. */
  close(): Promise<void>
  readonly closed: boolean
}
