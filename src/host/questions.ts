import { messageOf, NoAnswer, UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'
import { Batch } from './batch.js'
import { lastLines, nameOf, type OnCommand, recorder, wordsOf } from './command-record.js'
import type { Command, Exited, Outcome } from './connection.js'
import { type FrameAnswer, type FrameRead, frameScript, parseFrame, stoppedCode } from './frame.js'
import type { Host, Read } from './host.js'
import { couldNotAsk } from './outcome-errors.js'

/**
 * A question that names no deadline gets this long. On a busy host that is too short for one of many that share a frame:
 * it is asked once more, alone, and then has `secondReadMs`. A question that names its deadline is asked once.
 */
const defaultReadMs = 10_000
const secondReadMs = 40_000
/** More questions than this share no frame: each is a few processes at the same time. */
const maxReads = 32
/** How much of an answer that may be logged is. */
const loggedLines = 300

/**
 * How a host is asked: questions of one turn of the event loop go together, in a frame, and the same one goes once; one
 * that is alone goes by itself. Throws as Host.read does.
 * @param name of the host, for messages
 * @param run runs a command there
 * @param onCommand told of each question when it has ended
 */
export function questions(
  name: string,
  run: (command: Command) => Promise<Outcome>,
  onCommand?: OnCommand,
): Host['read'] {
  const ask = async (reads: readonly Question[]): Promise<(Exited | UserError)[]> => {
    const longest = Math.max(...reads.map((read) => read.timeoutMs))
    const record = recorder(name, onCommand)
    // one that is alone needs no frame, nor the processes that one costs
    const [alone] = reads.length === 1 ? reads : []
    const outcome = alone
      ? await run({ script: alone.script, args: alone.args, timeoutMs: alone.timeoutMs, reads: true })
      : await run({ script: frameScript(reads), timeoutMs: longest + 5_000 })
    const answers = alone
      ? answerAlone(outcome)
      : outcome.kind === 'exited' && outcome.code === 0
        ? answersIn(name, outcome.stdout, reads.length)
        : undefined
    if (!answers) {
      record(
        'question',
        outcome,
        () => reads.map(nameOf).join('; '),
        () => wordsOf(outcome),
      )
      throw couldNotAsk(name, outcome)
    }
    const { sentAt } = outcome.kind === 'exited' ? outcome : {}
    return answers.map((answer, i) => {
      const asked = reads[i]
      const exited: Exited = {
        kind: 'exited',
        code: answer.code,
        stdout: answer.stdout,
        stderr: answer.stderr.toString(),
        ...(sentAt === undefined ? {} : { sentAt }),
      }
      record(
        'question',
        exited,
        () => (asked ? nameOf(asked) : ''),
        () => (asked?.logged ? wordsOf(exited, loggedLines) : lastLines(exited.stderr)),
      )
      if (answer.problem !== undefined)
        return new NoAnswer('could not check', {
          host: name,
          why: `${answer.problem}\nasked: ${asked ? nameOf(asked) : ''}`,
        })
      if (answer.code === stoppedCode || answer.code === 137)
        return new TimedOut(`no answer within ${(asked?.timeoutMs ?? 0) / 1000} s`, {
          host: name,
          why: `asked: ${asked ? nameOf(asked) : ''}`,
        })
      if (answer.code > 128 && answer.code < 160)
        return new NoAnswer(`a command was terminated by signal ${answer.code - 128}`, {
          host: name,
          why: redact(exited.stderr),
        })
      return exited
    })
  }
  /** What several steps want to know is asked once. */
  const askOnce = async (reads: readonly Question[]): Promise<(Exited | UserError)[]> => {
    const keys = reads.map(({ script, args, timeoutMs }) => JSON.stringify([script, args, timeoutMs]))
    const each = new Map(reads.map((one, i) => [keys[i], one]))
    const answers = await ask([...each.values()])
    const byKey = new Map([...each.keys()].map((key, i) => [key, answers[i]]))
    return keys.map((key) => {
      const answer = byKey.get(key)
      if (!answer) throw new Error('a question was not answered')
      return answer
    })
  }
  const reads = new Batch<Question, Exited | UserError>(maxReads, askOnce, 2)
  return async (question) => {
    const { args, timeoutMs } = question
    const first = { ...question, args: args ?? [], timeoutMs: timeoutMs ?? defaultReadMs }
    const answer = await reads.add(first)
    if (!(answer instanceof UserError)) return answer
    if (timeoutMs !== undefined || !(answer instanceof TimedOut)) throw answer
    const [second] = await ask([{ ...first, timeoutMs: secondReadMs }])
    if (second instanceof UserError || !second) throw second ?? answer
    return second
  }
}

/** A question that was still at work when its deadline came. */
class TimedOut extends NoAnswer {}

/** The answer to a question that went without a frame; undefined where there is none. */
function answerAlone(outcome: Outcome): readonly FrameAnswer[] | undefined {
  if (outcome.kind === 'lost') return undefined
  const { stdout, kind } = outcome
  const answer = { stdout, stderr: Buffer.from(outcome.stderr) }
  if (kind === 'exited') return [{ ...answer, code: outcome.code }]
  if (outcome.signal === 'TIMEOUT' || outcome.signal === 'KILL') return [{ ...answer, code: stoppedCode }]
  return [{ ...answer, code: 1, problem: `the command was terminated by SIG${outcome.signal}` }]
}

/** What a host answered to so many questions. Throws NoAnswer when it is none: a host may say anything. */
function answersIn(host: string, output: Buffer, count: number): FrameAnswer[] {
  try {
    return parseFrame(output, count)
  } catch (error) {
    throw new NoAnswer('the host does not answer as it was asked', {
      host,
      why: messageOf(error),
      next: 'find out what changes the output of commands there (a wrapper of sh, stat or cat)',
      cause: error,
    })
  }
}

/** A question in its frame, with what the log calls it. */
type Question = FrameRead & Pick<Read, 'what' | 'logged'>
