import { open } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { counted } from '../lib/counted.js'
import { UserError } from '../lib/errors.js'
import { redact, Secret } from '../lib/secret.js'
import { Batch } from './batch.js'
import type { Command, Connection, Exited, Outcome } from './connection.js'
import { type FrameRead, frameScript, parseFrame } from './frame.js'
import type { FileState, FileWrite, Host } from './host.js'
import { lostEpoch, mutateScript, takeOverScript, uploadScript, writeScript } from './mutate-script.js'
import { digestCache, parseStat, type StatQuestion, statScript } from './stat-script.js'
import { sudoAdvice } from './sudo-check.js'
import { notBegun } from './wire.js'

/** A question that names no deadline gets this long. */
const defaultReadMs = 10_000
/** More questions than this share no frame: each is a few processes at the same time. */
const maxReads = 32
/** How long a predecessor's command may still run before a new run gives up on the host. */
const takeOverMs = 120_000

/** A Host over any Connection: questions and writes of one turn travel together. */
export function createHost(name: string, connection: Connection): Host {
  let roundTrips = 0
  let epoch = ''
  const run = (command: Command): Promise<Outcome> => {
    roundTrips += 1
    return connection.run(command)
  }
  const mutate = async (command: Command): Promise<Exited> => {
    if (epoch === '') throw new Error(`${name} is changed before it was taken over`)
    const outcome = await run({
      ...command,
      script: mutateScript,
      args: [epoch, (command.ledger ?? []).join('\n'), command.script, ...(command.args ?? [])],
    })
    return mutated(name, command, outcome)
  }

  const ask = async (reads: readonly FrameRead[]): Promise<(Exited | UserError)[]> => {
    const longest = Math.max(...reads.map((read) => read.timeoutMs))
    const outcome = await run({ script: frameScript(reads), timeoutMs: longest + 5_000 })
    if (outcome.kind !== 'exited' || outcome.code !== 0) throw couldNotAsk(name, outcome)
    return parseFrame(outcome.stdout, reads.length).map((answer, i) => {
      if (answer.code === 124 || answer.code === 137)
        return new UserError('connection', `no answer within ${(reads[i]?.timeoutMs ?? 0) / 1000} s`, {
          host: name,
          why: `asked: ${(reads[i]?.script ?? '').trim().split('\n')[0]}`,
        })
      if (answer.code > 128 && answer.code < 160)
        return new UserError('connection', `a question was ended by signal ${answer.code - 128}`, {
          host: name,
          why: redact(answer.stderr.toString()),
        })
      return { kind: 'exited', code: answer.code, stdout: answer.stdout, stderr: answer.stderr.toString() }
    })
  }
  const reads = new Batch<FrameRead, Exited | UserError>(maxReads, ask, 2)
  const read: Host['read'] = async ({ script, args, timeoutMs }) => {
    const answer = await reads.add({ script, args: args ?? [], timeoutMs: timeoutMs ?? defaultReadMs })
    if (answer instanceof UserError) throw answer
    return answer
  }

  // Questions about paths gather one turn before questions do, and so catch the same frame.
  const stats = new Batch<StatQuestion, FileState>(512, async (questions) => {
    const args = questions.flatMap(({ path, content }) => [content ? '1' : '0', path])
    const answer = await read({ script: statScript, args, timeoutMs: 60_000 })
    if (answer.code !== 0)
      throw new UserError('connection', 'cannot look at files', { host: name, why: answer.stderr })
    try {
      return parseStat(answer.stdout, questions)
    } catch (error) {
      throw new UserError('connection', 'cannot look at files', {
        host: name,
        why: String(error),
        cause: error,
      })
    }
  })

  const writes = new Batch<FileWrite, string>(64, async (files) => {
    const answer = await mutate({
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
    upload: async (source, path, { sha256, mode, gunzip, onBytes }) => {
      const stream = typeof source === 'string' ? await fileStream(name, source) : source
      quiet(stream)
      await mutate({
        script: uploadScript,
        args: [path, mode, sha256, gunzip ? 'gunzip' : 'cat', digestCache],
        stdin: onBytes ? quiet(counted(stream, onBytes)) : stream,
        timeoutMs: 1_800_000,
      })
    },
    takeOver: async (next) => {
      const outcome = await run({
        script: takeOverScript,
        args: [next, String(takeOverMs / 1000)],
        timeoutMs: takeOverMs + 10_000,
      })
      if (outcome.kind === 'exited' && outcome.code === lostEpoch)
        throw new UserError('step', 'an earlier run is still at work', {
          host: name,
          why: outcome.stderr,
          next: 'wait for it to end, or end the process named',
        })
      mutated(name, { script: 'take over', timeoutMs: takeOverMs }, outcome)
      epoch = next
    },
    close: () => connection.close(),
  }
}

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

function couldNotAsk(host: string, outcome: Outcome): UserError {
  if (outcome.kind === 'lost' && /\bsudo(ers)?\b/.test(outcome.reason))
    return new UserError('connection', 'sudo does not make us root', {
      host,
      why: redact(outcome.reason),
      next: sudoAdvice(outcome.reason),
    })
  if (outcome.kind === 'lost' && outcome.reason.startsWith(notBegun))
    return new UserError('connection', 'the host does not run what it is told', {
      host,
      why: redact(outcome.reason),
      next: "has the login user a shell (not nologin), and no ForceCommand or command= in sshd's files?",
    })
  const why =
    outcome.kind === 'lost'
      ? outcome.reason
      : outcome.kind === 'killed'
        ? `ended by ${outcome.signal}`
        : outcome.stderr
  return new UserError('connection', 'lost the host while asking', {
    host,
    why: redact(why),
    next: 'nothing was concluded from it; run again when the host answers',
  })
}

/** The answer of a mutation that succeeded; otherwise a UserError with the command's last words. */
function mutated(host: string, command: Command, outcome: Outcome): Exited {
  if (outcome.kind === 'exited' && outcome.code === 0) return outcome
  if (outcome.kind === 'lost')
    throw new UserError('step', 'the connection was lost during a change', {
      host,
      why: redact(outcome.reason),
      next: 'it may have gone on by itself; run again: what is done stays done',
    })
  const words = redact(
    [outcome.stderr, outcome.stdout.toString()].join('\n').trim().split('\n').slice(-20).join('\n'),
  )
  if (outcome.kind === 'killed')
    throw new UserError(
      'step',
      outcome.signal === 'TIMEOUT'
        ? `not done within ${command.timeoutMs / 1000} s`
        : `ended by SIG${outcome.signal}`,
      {
        host,
        why: words,
      },
    )
  if (outcome.code === lostEpoch && words === '')
    throw new UserError('step', 'another run of kubestrap has taken this host over', { host })
  throw new UserError('step', `a command failed with exit code ${outcome.code}`, { host, why: words })
}
