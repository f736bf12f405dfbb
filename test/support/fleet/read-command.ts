import { frameScript } from '../../../src/host/frame.js'
import { mutateScript } from '../../../src/host/mutate-script.js'
import { holdScript } from '../../../src/host/run-lock.js'
import { letGoScript, takeOverScript } from '../../../src/host/run-scripts.js'

/** What a command on the wire asks a shell to do. */
export interface Asked {
  script: string
  args: readonly string[]
}

/** Reads the line of base64 that comes first on the input of every command (see wire.ts). */
export function readHeader(line: string): Asked {
  const text = Buffer.from(line, 'base64').toString()
  const sh = `printf %s $c >&4' sh`
  const at = text.indexOf(sh)
  if (at < 0) throw new Error(`not a header: ${text.slice(0, 200)}`)
  const { words, end } = wordsFrom(text, at + sh.length)
  const here = /^ +4>&1 1>&6 2>&7 3<<'([A-Z_]+)'\n/.exec(text.slice(end))
  const begin = end + (here?.[0].length ?? 0)
  const stop = text.indexOf(`\n${here?.[1]}\n)`, begin)
  if (!here || stop < 0) throw new Error('a header without a script')
  return { script: text.slice(begin, stop), args: words }
}

const [frameHead = ''] = frameScript([]).split('mktemp')
const job = /^\{ (?:timeout -k 1 [\d.]+ \/bin\/sh -c|\(eval)/gm

/** The questions of a frame (see frame.ts); undefined for any other script. */
export function readFrame(script: string): readonly Asked[] | undefined {
  if (!script.startsWith(frameHead)) return undefined
  const questions: Asked[] = []
  job.lastIndex = 0
  for (let found = job.exec(script); found; found = job.exec(script)) {
    const { words, end } = wordsFrom(script, job.lastIndex)
    const [id] = /(?<=^\)? 2>"\$[d1]\/)\d+/.exec(script.slice(end)) ?? []
    const [question = '', , ...args] = words
    questions[Number(id)] = found[0].endsWith('eval') ? evaluated(question) : { script: question, args }
    job.lastIndex = end
  }
  return questions
}

/** What stands behind `eval`: the arguments are set first. */
function evaluated(text: string): Asked {
  const { words, end } = wordsFrom(text, 'set --'.length)
  // without arguments a blank stays
  return { script: text.slice(text.indexOf('\n', end) + 1), args: words }
}

/** Whether a command is a question that went without a frame: all that a host does not do for a run or a change. */
export const isQuestion = ({ script }: Asked): boolean =>
  ![mutateScript, holdScript, letGoScript, takeOverScript].includes(script)

/** Words of sh as quote.ts writes them, and bare ones, up to the first that redirects. */
function wordsFrom(text: string, from: number): { words: string[]; end: number } {
  const words: string[] = []
  let end = from
  for (;;) {
    const word = / (?:'(?:[^']|'\\'')*'|sh(?= |$))/y
    word.lastIndex = end
    const found = word.exec(text)
    if (!found) return { words, end }
    const raw = found[0].slice(1)
    words.push(raw.startsWith("'") ? raw.slice(1, -1).replaceAll(`'\\''`, "'") : raw)
    end = word.lastIndex
  }
}
