import { randomBytes } from 'node:crypto'
import { isIP } from 'node:net'
import { UserError } from '../../lib/errors.js'
import { redact, Secret } from '../../lib/secret.js'
import { visibleLine } from '../../lib/visible.js'
import type { Exited } from '../connection.js'
import type { Mutation } from '../host.js'
import { keyTypeOf } from '../ssh/known-hosts.js'
import { digestCache } from '../stat-script.js'
import { type Assignment, FanOut } from './fan-out.js'
import { type TransferKey, transferKey } from './key-pair.js'
import { type HopEnd, Peers } from './peers.js'
import { fewestBytes, fewestHosts, stagedPath, transferDirectory } from './places.js'
import { type PullFailure, pullIdleSeconds, pullScript } from './pull-script.js'
import { endServingScript, serveScript } from './serve-script.js'

/** How other hosts reach a host. */
export interface PeerAddress {
  /** Of the network of the hosts. */
  address: string
  port: number
  /** Whose authorized_keys lets them in. */
  user: string
}

/** A host as it takes part. */
export interface Member {
  readonly name: string
  mutate(command: Mutation): Promise<Exited>
  /** The key that this computer has accepted as the host's; undefined where it is not reached by SSH. */
  hostKey(): Buffer | undefined
}

/** A file that many hosts of a run want. */
export interface Wanted {
  sha256: string
  /** Bytes that travel from here. */
  bytes: number
  hosts: readonly string[]
}

/** What a host gets, and where it is to lie. */
export interface Delivery {
  sha256: string
  /** Undefined: kept for this run only, at `place`. */
  path: string | undefined
  mode: string
  /** The most bytes that it can have. */
  most: number
  onBytes?: ((bytes: number) => void) | undefined
}

interface File {
  plan: FanOut
  key: TransferKey
  /** Hosts that want it and are not done with it. */
  open: Set<string>
  /** Where it lies on each host that has it. */
  at: Map<string, { member: Member; path: string | undefined }>
  serving: Map<string, Promise<void>>
  /** The last delivery to each host, under way or not: of one file a host gets one at a time. */
  turns: Map<string, Promise<void>>
  /** How long it took from here, at most, milliseconds. */
  longestMs: number
}

interface Asking {
  receiver: string
  go(assignment: Assignment): void
  stop(reason: unknown): void
}

/** What is wrong with a hop, and whose fault it is. */
interface HopFailure {
  kind: PullFailure | 'unable'
  words: string
}

/** A fetch may take so many times as long as this computer took at most, and no less than this. */
const patience = 4
const leastSeconds = 60
/** Far more addresses than one line of authorized_keys should hold (sshd before 7.9 reads 8 KiB of a line). */
const addressesOfLine = 150
/** More than any program has, in bytes. */
export const mostBytes = 1024 ** 3

/**
 * Files that many hosts want, given on from host to host during a run; one for all hosts of it. Each file has a key pair of
 * its own: whoever has the private key can read that file from hosts that keep it for others, which it is given only when
 * it is to have the file, and nothing else. What comes from a host is held to its digest like what comes from here.
 */
export class Transfers {
  /** Of this run, in paths and in authorized_keys. */
  readonly id = randomBytes(8).toString('hex')
  readonly #addresses: ReadonlyMap<string, PeerAddress>
  readonly #files = new Map<string, File>()
  readonly #peers = new Peers()
  readonly #asking = new Map<string, Asking[]>()
  /** Streams from here that each host has now. */
  readonly #streams = new Map<string, number>()
  /** Hosts with a directory of this run. */
  readonly #kept = new Map<string, Member>()
  #tell: (text: string, level: 'info' | 'warning') => void = () => {}
  #told = false
  #pumping = false
  #stopped: { reason: unknown } | undefined

  /** @param addresses of hosts that take part, by name */
  constructor(addresses: ReadonlyMap<string, PeerAddress>) {
    this.#addresses = addresses
  }

  /**
   * Says what hosts of the run want. Of that, files that are large and wanted by many are given on.
   * @param tell what people should know, once each
   */
  begin(wanted: readonly Wanted[], tell: (text: string, level: 'info' | 'warning') => void): void {
    this.#tell = tell
    for (const { sha256, bytes, hosts } of wanted) {
      const open = new Set(hosts.filter((host) => this.#addresses.has(host)))
      if (open.size < fewestHosts || bytes < fewestBytes) continue
      const key = transferKey()
      const plan = new FanOut(this.#peers)
      this.#files.set(sha256, {
        plan,
        key,
        open,
        at: new Map(),
        serving: new Map(),
        turns: new Map(),
        longestMs: 0,
      })
    }
  }

  /** Whether this host gets the file by `deliver`. */
  has(host: string, sha256: string): boolean {
    return this.#addresses.has(host) && this.#files.has(sha256)
  }

  /** Where a file lies that is kept for this run only. */
  place(sha256: string): string {
    return stagedPath(this.id, sha256)
  }

  /**
   * The file comes to the host, from another or by `fromHere`. Throws what `fromHere` and `use` throw, what a change on the
   * host throws, and the reason of `stop` when that came before its turn.
   * @param use what is done with a file that is kept for this run only; it may be gone afterwards
   */
  async deliver(
    member: Member,
    what: Delivery,
    fromHere: () => Promise<void>,
    use: () => Promise<void> = async () => {},
  ): Promise<void> {
    const file = this.#files.get(what.sha256)
    if (!file) throw new Error(`${what.sha256} goes from this computer alone`)
    const before = file.turns.get(member.name) ?? Promise.resolve()
    const mine = before.catch(() => {}).then(() => this.#deliver(file, member, what, fromHere, use))
    file.turns.set(member.name, mine)
    return mine
  }

  /** Takes away what the run left on hosts: keys, and files that were kept for others. Never throws; what stays is told. */
  async end(): Promise<void> {
    this.#files.clear()
    await Promise.all([...this.#kept.values()].map((member) => this.#endServing(member, '')))
    this.#kept.clear()
  }

  /** Lets nothing more begin; what goes on ends by itself. */
  stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const all of this.#asking.values()) for (const one of all.splice(0)) one.stop(reason)
  }

  async #deliver(
    file: File,
    member: Member,
    what: Delivery,
    fromHere: () => Promise<void>,
    use: () => Promise<void>,
  ): Promise<void> {
    if (what.path === undefined) this.#kept.set(member.name, member)
    let has = false
    try {
      while (!has) {
        const assignment = await this.#turn(file, what.sha256, member.name)
        try {
          if (assignment.source === undefined) await this.#send(file, member.name, fromHere)
          else if (await this.#fetch(file, member, assignment.source, what)) continue
          has = true
          file.at.set(member.name, { member, path: what.path })
        } finally {
          file.plan.ended(assignment, has && member.hostKey() !== undefined)
          this.#pump()
        }
      }
      await use()
    } finally {
      file.open.delete(member.name)
      if (file.open.size === 0) await this.#close(file, what.sha256)
    }
  }

  async #turn(file: File, sha256: string, receiver: string): Promise<Assignment> {
    if (this.#stopped) throw this.#stopped.reason
    return new Promise<Assignment>((go, stop) => {
      const asking = this.#asking.get(sha256) ?? []
      this.#asking.set(sha256, asking)
      asking.push({ receiver, go, stop })
      file.plan.ask(receiver)
      this.#pump()
    })
  }

  /** Begins what may begin, once all that is asked in this turn of the event loop has been. */
  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    setImmediate(() => {
      this.#pumping = false
      for (const [sha256, { plan }] of this.#files) {
        if (this.#stopped) return
        for (const assignment of plan.next((host) => this.#streams.get(host) ?? 0)) {
          const { receiver, source } = assignment
          if (source === undefined) this.#count(receiver, 1)
          const asking = this.#asking.get(sha256) ?? []
          const i = asking.findIndex((one) => one.receiver === receiver)
          asking.splice(i, 1)[0]?.go(assignment)
        }
      }
    })
  }

  #count(host: string, by: number): void {
    this.#streams.set(host, (this.#streams.get(host) ?? 0) + by)
  }

  async #send(file: File, host: string, fromHere: () => Promise<void>): Promise<void> {
    const began = performance.now()
    try {
      await fromHere()
      file.longestMs = Math.max(file.longestMs, performance.now() - began)
    } finally {
      this.#count(host, -1)
    }
  }

  /** Whether the host did not get it from the source. */
  async #fetch(file: File, member: Member, source: string, what: Delivery): Promise<boolean> {
    let end: HopEnd = 'left'
    let failure: HopFailure | undefined
    try {
      failure = await this.#serve(file, source, what.sha256).then(
        () => this.#pull(file, member, source, what),
        (error: unknown): HopFailure => ({ kind: 'unable', words: wordsOf(error) }),
      )
      end = failure?.kind ?? 'had'
    } finally {
      this.#peers.ended(member.name, source, end)
    }
    if (failure) this.#report(member.name, source, failure)
    return failure !== undefined
  }

  /** Lets the hosts that still want it fetch it from this one. */
  #serve(file: File, source: string, sha256: string): Promise<void> {
    const serving = file.serving.get(source) ?? this.#letIn(file, source, sha256)
    file.serving.set(source, serving)
    return serving
  }

  async #letIn(file: File, source: string, sha256: string): Promise<void> {
    const from = file.at.get(source)
    const user = this.#addresses.get(source)?.user
    if (!from || user === undefined) throw new Error(`${source} has no file to give on`)
    this.#kept.set(source, from.member)
    const addresses = [...file.open].flatMap((host) => this.#addresses.get(host)?.address ?? []).filter(isIP)
    const lines = Array.from({ length: Math.ceil(addresses.length / addressesOfLine) }, (_, i) =>
      addresses.slice(i * addressesOfLine, (i + 1) * addressesOfLine).join(','),
    )
    await from.member.mutate({
      what: `let other hosts fetch ${from.path ?? sha256}`,
      script: serveScript,
      args: [this.id, sha256, from.path ?? '', user, file.key.public, ...lines],
      timeoutMs: 30_000,
    })
  }

  async #pull(file: File, member: Member, source: string, what: Delivery): Promise<HopFailure | undefined> {
    const to = this.#addresses.get(source)
    const hostKey = file.at.get(source)?.member.hostKey()
    if (!to || !hostKey) return { kind: 'unable', words: 'its host key is not known' }
    const seconds = Math.max(leastSeconds, Math.ceil((patience * file.longestMs) / 1000))
    const known = `source ${keyTypeOf(hostKey)} ${hostKey.toString('base64')}\n`
    const answer = await member.mutate({
      what: `fetch ${what.path ?? what.sha256} from ${source}`,
      script: pullScript,
      args: [
        what.path ?? this.place(what.sha256),
        what.mode,
        what.sha256,
        'cat',
        digestCache,
        what.path === undefined ? transferDirectory : '',
        to.address,
        String(to.port),
        to.user,
        String(what.most),
        String(seconds),
      ],
      stdin: new Secret(`${file.key.private.reveal()}\n${known}`),
      // the script ends by itself; what follows the transfer is a look at a digest and a flush
      timeoutMs: (seconds + pullIdleSeconds) * 1000 + 600_000,
      onOutput: (chunk, stream) => {
        const last = /(\d+)\s*$/.exec(chunk.toString())?.[1]
        if (stream === 'stdout' && last !== undefined) what.onBytes?.(Number(last))
      },
    })
    return failureIn(answer.stdout.toString())
  }

  #report(receiver: string, source: string, { kind, words }: HopFailure): void {
    if (kind === 'lied')
      this.#tell(
        `${receiver} says that ${source} gave it another file than ${source} was sent (${words}): one of them, or a disk, is not to be trusted; no host fetches from ${source} any more`,
        'warning',
      )
    else if (!this.#told) {
      this.#told = true
      this.#tell(
        `${receiver} could not fetch a file from ${source} (${words}); what hosts cannot fetch from each other is sent from this computer`,
        'info',
      )
    }
  }

  /** Everybody who wanted it has it: nobody needs to be let in for it, nor to keep it. */
  async #close(file: File, sha256: string): Promise<void> {
    const holders = [...file.at].filter(([host, { path }]) => path === undefined || file.serving.has(host))
    await Promise.all(holders.map(([, { member }]) => this.#endServing(member, sha256)))
  }

  async #endServing(member: Member, sha256: string): Promise<void> {
    try {
      await member.mutate({
        what: 'let no other host fetch any more',
        script: endServingScript,
        args: [this.id, sha256],
        timeoutMs: 30_000,
      })
    } catch (error) {
      if (sha256 !== '' || (error instanceof UserError && error.endsRun)) return
      this.#tell(
        `${member.name}: what it kept for other hosts could not be removed (${wordsOf(error)}); the next run removes it, and its key opens nothing after 12 hours`,
        'warning',
      )
    }
  }
}

const wordsOf = (error: unknown): string => {
  const text = error instanceof UserError ? error.why || error.message : String(error)
  return visibleLine(redact(text.trim())).slice(0, 300)
}

/** What the last line of a fetch says. A host that says neither is one whose fetch broke. */
function failureIn(stdout: string): HopFailure | undefined {
  const last = stdout.trimEnd().split('\n').at(-1) ?? ''
  if (last === 'done') return undefined
  const [, kind = 'broke', words = ''] = /^failed (no-client|refused|broke|lied) (.*)$/.exec(last) ?? []
  return { kind: kind as PullFailure, words: visibleLine(redact(words.trim())) }
}
