import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { counted } from '../lib/counted.js'
import { messageOf, NoAnswer, UserError } from '../lib/errors.js'
import { redact, Secret } from '../lib/secret.js'
import { Turns } from '../lib/turns.js'
import { verified } from '../lib/verified.js'
import { visible } from '../lib/visible.js'
import { Batch } from './batch.js'
import { nameOf, type OnCommand, recorder, wordsOf } from './command-record.js'
import type { Command, Connection, Exited, Outcome } from './connection.js'
import type { FileState, FileWrite, Host, Mutation } from './host.js'
import { noteArguments } from './ledger-script.js'
import { lostEpoch, mutateScript, uploadScript, writeScript } from './mutate-script.js'
import { mutated } from './outcome-errors.js'
import { questions } from './questions.js'
import { type Holding, holdRun } from './run-lock.js'
import {
  type AtWork,
  atWorkScript,
  isChanged,
  letGoScript,
  parseAtWork,
  takeOverScript,
} from './run-scripts.js'
import { ChangedMeanwhile, digestCache, parseStat, type StatQuestion, statScript } from './stat-script.js'
import { sent, streamsAtOnce } from './streams.js'
import { transferDirectory } from './transfer/places.js'
import { type Member, mostBytes, type Transfers } from './transfer/transfers.js'
import { asNoted, underWay } from './under-way.js'

/** How often paths are looked at that change while they are. */
const statTries = 3
const takingOver = 'take the host over'
/** How long a predecessor's command may still run before a new run gives up on the host. */
const takeOverMs = 120_000

/** How long a script may take over a file that is on the host, milliseconds: an image of a gigabyte on a slow disk. */
const fromDiskMs = 1_800_000

/**
 * A Host over any Connection: questions and writes of one turn travel together.
 * @param onCommand told of each command and question when it has ended
 * @param streams whose turn it is to send a stream; shared by the hosts of a run
 * @param transfers what hosts of a run give on to each other. Default: nothing
 */
export function createHost(
  name: string,
  connection: Connection,
  onCommand?: OnCommand,
  streams: Turns = new Turns(streamsAtOnce),
  transfers?: Transfers,
): Host {
  let roundTrips = 0
  let epoch = ''
  /** Taken over in its name, or nobody knows. */
  let tried = ''
  let ownWords = ''
  /** What the first change does before it. */
  let later: (() => Promise<unknown>) | undefined
  let taking: Promise<unknown> | undefined
  let holding: Holding | undefined
  let closed = false
  const run = async (command: Command): Promise<Outcome> => {
    roundTrips += 1
    try {
      return await connection.run(command)
    } finally {
      // a connection that was lost before or while it read leaves a file open that nobody will close
      if (command.stdin instanceof Readable) command.stdin.destroy()
    }
  }
  /** The host is this run's before anything is changed there. */
  const own = async (): Promise<void> => {
    if (epoch !== '') return
    if (!later) throw new Error(`${name} is changed before the run has taken it over`)
    taking ??= later()
    // one whose answer was lost may be repeated
    await taking.catch((error: unknown) => {
      taking = undefined
      throw error
    })
  }
  const mutate = async ({ stdin, ...command }: Mutation): Promise<Exited> => {
    try {
      await own()
    } catch (error) {
      if (stdin instanceof Readable) stdin.destroy()
      throw error
    }
    if (typeof stdin === 'function')
      return streams.take(async () => change({ ...command, stdin: await stdin() }), name)
    const whole = stdin === undefined ? command : { ...command, stdin }
    return stdin instanceof Readable ? streams.take(() => change(whole), name) : change(whole)
  }
  const change = async ({ endsConnection, ...command }: ChangeCommand): Promise<Exited> => {
    const record = recorder(name, onCommand)
    const notes = command.ledger ?? []
    const outcome = await run({
      ...command,
      script: mutateScript,
      args: [
        epoch,
        asNoted(redact(nameOf(command))),
        String(notes.length),
        ...noteArguments(notes),
        command.script,
        ...(command.args ?? []),
      ],
    })
    record(
      'change',
      outcome,
      () => nameOf(command),
      () => wordsOf(outcome),
    )
    if (endsConnection && outcome.kind === 'lost') return endedWithIt
    const others =
      outcome.kind === 'exited' && outcome.code === lostEpoch
        ? await atWork(0).catch(() => undefined)
        : undefined
    return mutated(name, command, outcome, others?.owner)
  }

  const read = questions(name, run, onCommand)

  const atWork: Host['atWork'] = async (waitMs = 0) => {
    const answer = await read({
      what: 'look who is at work',
      logged: true,
      script: atWorkScript,
      args: [String(Math.ceil(waitMs / 1000))],
      timeoutMs: waitMs + 10_000,
    })
    const found = answer.code === 0 ? parseAtWork(answer.stdout.toString()) : undefined
    if (!found) throw new NoAnswer('cannot see who is at work', { host: name, why: answer.stderr })
    return found
  }

  const takeOver = async (next: string, words: string, seen?: AtWork): Promise<AtWork> => {
    tried = next
    ownWords = words
    const record = recorder(name, onCommand)
    const outcome = await run({
      script: takeOverScript,
      args: [next, String(takeOverMs / 1000), words, ...(seen ? [seen.epoch || 'none'] : [])],
      timeoutMs: takeOverMs + 10_000,
    })
    record(
      'change',
      outcome,
      () => takingOver,
      () => wordsOf(outcome),
    )
    if (outcome.kind === 'exited' && outcome.code === lostEpoch && isChanged(outcome.stdout.toString()))
      mutated(
        name,
        { what: takingOver, script: '', timeoutMs: takeOverMs },
        { ...outcome, stderr: '', stdout: Buffer.alloc(0) },
        parseAtWork(`${outcome.stdout}\nend\n`)?.owner,
      )
    if (outcome.kind === 'exited' && outcome.code === lostEpoch)
      throw new UserError('step', 'an earlier run is still at work', {
        host: name,
        why: underWay(outcome.stdout.toString()) ?? visible(redact(outcome.stderr)),
        next: 'wait until it ends, or stop that process',
      })
    const { stdout } = mutated(name, { what: takingOver, script: '', timeoutMs: takeOverMs }, outcome)
    const before = parseAtWork(stdout.toString())
    if (!before) throw new NoAnswer('the host did not say whose it was', { host: name })
    epoch = next
    return before
  }

  // Questions about paths gather one turn before questions do, and so catch the same frame.
  const stats = new Batch<StatQuestion, FileState>(512, async (questions) => {
    const args = questions.flatMap(({ path, content }) => [content ? '1' : '0', path])
    const what = `look at ${questions.length} paths`
    for (let left = statTries; ; left -= 1) {
      const answer = await read({ what, script: statScript, args, timeoutMs: 60_000 })
      if (answer.code !== 0)
        throw new UserError('connection', 'could not check files', { host: name, why: answer.stderr })
      try {
        return parseStat(answer.stdout, questions)
      } catch (error) {
        // other steps, and the machine's own programs, write meanwhile
        if (error instanceof ChangedMeanwhile && left > 1) continue
        throw new UserError('connection', 'could not check files', {
          host: name,
          why: messageOf(error),
          cause: error,
        })
      }
    }
  })

  const writes = new Batch<FileWrite, string>(64, async (files) => {
    const answer = await mutate({
      what: `write ${files.map(({ path }) => path).join(', ')}`,
      script: writeScript,
      args: files.flatMap((file) => [
        file.path,
        file.mode,
        file.owner ?? 'root:root',
        file.directoryMode ?? '0755',
        (file.marks ?? []).join(' '),
        file.ledger ?? 'file',
      ]),
      stdin: files.map((file) => `${base64(file.content)}\n`).join(''),
      timeoutMs: 60_000,
    })
    return answer.stdout.toString().split('\n').slice(0, files.length)
  })

  /** @param tree of a file that is kept for this run only */
  const upload = async (
    source: string | Readable,
    path: string,
    { sha256, mode, gunzip, onBytes }: Parameters<Host['upload']>[2],
    tree = '',
  ): Promise<void> => {
    await mutate({
      what: `upload ${path}`,
      script: uploadScript,
      args: [path, mode, sha256, gunzip ? 'gunzip' : 'cat', digestCache, tree],
      stdin: async () => {
        const stream = quiet(typeof source === 'string' ? await fileStream(name, source) : source)
        return onBytes ? quiet(counted(stream, onBytes)) : stream
      },
      ...sent,
    })
  }
  const member: Member = { name, mutate, hostKey: () => connection.hostKey?.() }

  return {
    name,
    connection,
    get roundTrips() {
      return roundTrips
    },
    read,
    stat: (path, options) => stats.add({ path, content: options?.content ?? false }),
    mutate,
    write: async (file) => {
      const said = await writes.add(file)
      if (said !== 'ok')
        throw new UserError('step', `cannot write ${file.path}`, {
          host: name,
          why: redact(said || 'no answer'),
        })
    },
    upload: async (source, path, options) => {
      if (typeof source !== 'string') quiet(source)
      const { sha256, mode, gunzip } = options
      const fromHere = () => upload(source, path, options)
      if (!transfers?.has(name, sha256)) return fromHere()
      const what = { sha256, path, mode, most: mostBytes, onBytes: gunzip ? undefined : options.onBytes }
      await transfers.deliver(member, what, fromHere)
    },
    pipe: async (source, { what, script, ledger }, { sha256, size, onBytes }) => {
      if (transfers?.has(name, sha256)) {
        const place = transfers.place(sha256)
        await transfers.deliver(
          member,
          { sha256, path: undefined, mode: '0600', most: size, onBytes },
          () => upload(source, place, { sha256, mode: '0600', onBytes }, transferDirectory),
          async () => {
            await mutate({
              what,
              script: `exec <"$1" || exit 1\nshift\n${script}`,
              args: [place],
              timeoutMs: fromDiskMs,
              ledger,
            })
          },
        )
        return
      }
      await mutate({
        what,
        script,
        stdin: async () =>
          verified(createReadStream(source, { highWaterMark: 256 * 1024 }), {
            sha256,
            name: source,
            onBytes,
          }),
        ...sent,
        ledger,
      })
    },
    atWork,
    takeOver: (next, words = '') => takeOver(next, words),
    takeOverLater: (next, words, seen) => {
      later = () => takeOver(next, words, seen)
    },
    takeOverAgain: async () => {
      if (epoch !== '') await takeOver(epoch, ownWords, neverTaken)
    },
    hold: async (request) => {
      if (closed) throw new NoAnswer('the connection was closed', { host: name })
      const record = recorder(name, onCommand)
      const recorded = async (command: Command): Promise<Outcome> => {
        const outcome = await run(command)
        record(
          'change',
          outcome,
          () => nameOf(command),
          () => '',
        )
        return outcome
      }
      const one = await holdRun(name, recorded, request)
      if (one.kind === 'held') {
        holding = one
        if (closed) await one.letGo()
      }
      return one
    },
    letGo: async () => {
      if (tried !== '') await run({ script: letGoScript, args: [tried], timeoutMs: 10_000 }).catch(() => {})
    },
    close: async () => {
      closed = true
      await holding?.letGo()
      await connection.close()
    },
    get closed() {
      return closed
    },
  }
}

/** A host that no run has taken over since it booted. */
const neverTaken: AtWork = { epoch: '', owner: undefined, busy: false }

/** The answer of a change that has ended its own connection. */
const endedWithIt: Exited = { kind: 'exited', code: 0, stdout: Buffer.alloc(0), stderr: '' }

type ChangeCommand = Command & Pick<Mutation, 'endsConnection'>

/** A stream that may fail before anybody reads it; whoever reads it then is told all the same. */
function quiet(stream: Readable): Readable {
  return stream.on('error', () => {})
}

/** The file, open: one that cannot be read fails here, before the host is bothered. */
async function fileStream(host: string, path: string): Promise<Readable> {
  try {
    return (await open(path)).createReadStream({ highWaterMark: 256 * 1024 })
  } catch (error) {
    throw new UserError('step', `cannot read ${path}`, { host, why: String(error), cause: error })
  }
}

function base64(content: FileWrite['content']): string {
  return Buffer.from(content instanceof Secret ? content.reveal() : content).toString('base64')
}
