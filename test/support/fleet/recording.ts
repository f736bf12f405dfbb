import type { FileState } from '../../../src/host/host.js'
import { mutateScript, uploadScript, writeScript } from '../../../src/host/mutate-script.js'
import { ChangedMeanwhile, parseStat, statScript } from '../../../src/host/stat-script.js'
import { markDirectory } from '../../../src/resources/marks.js'
import { unitsScript } from '../../../src/resources/unit-state.js'
import { unitsIn } from '../units-answer.js'
import type { Asked } from './read-command.js'
import type { Told } from './recorder.js'

/** An answer, with its outputs as base64. */
export interface Answer {
  code: number
  stdout: string
  stderr: string
}

/** What a path was, its content as base64. */
export type Path =
  | (Omit<Extract<FileState, { kind: 'file' }>, 'content'> & { content?: string })
  | Exclude<FileState, { kind: 'file' }>

/** Whatever names the host that was recorded, and names another one where it is replayed. */
export interface Identity {
  name: string
  address: string
  mac: string
  machineId: string
}

/**
 * What one host was asked from its birth on, and what it answered: for each question and each path the answers one after
 * the other, and which change of the host led from one to the next.
 */
export interface Recording {
  identity: Identity
  questions: Record<string, Answer[]>
  paths: Record<string, Path[]>
  /** By change, for each time it was done: which answer stands from then on. */
  flips: Record<string, Flip[][]>
}

export interface Flip {
  of: 'questions' | 'paths'
  key: string
  to: number
}

/** A change of a host as the wire carries it: the epoch, what it is called, notes, the script itself. */
export function mutationOf({ script, args }: Asked): (Asked & { notes: readonly string[] }) | undefined {
  if (script !== mutateScript) return undefined
  const count = Number(args[2])
  const rest = args.slice(3)
  const [inner = '', ...own] = rest.slice(count * 2)
  return { script: inner, args: own, notes: rest.slice(0, count * 2) }
}

/** What a change is known by. Files are written together as they come: each is a change of its own. */
export function changesOf(change: Asked): string[] {
  if (change.script !== writeScript) return [keyOf(change)]
  return change.args.flatMap((path, i) => (i % 6 === 0 ? [`write ${path}`] : []))
}

/** What a question is known by. */
export const keyOf = ({ script, args }: Asked): string => [script, ...args].join('\0')

/** By what is known what systemd says of a unit, and whether it is enabled; they are asked about together with others. */
export const unitKey = (unit: string): string => keyOf({ script: 'unit', args: [unit] })
export const enabledKey = (unit: string): string => keyOf({ script: 'enabled', args: [unit] })

/** Makes sense of what was overheard. */
export function recordingOf(told: readonly Told[]): Recording {
  const recording: Recording = { identity: identityOf(told), questions: {}, paths: {}, flips: {} }
  const done: { keys: string[]; times: number; ended: number }[] = []
  const times = new Map<string, number>()
  /** When each answer that stands was last heard. */
  const heard = new Map<string, number>()
  const seen = (of: Flip['of'], key: string, answer: Answer | Path, { begun, ended: now }: Told): void => {
    const before = heard.get(`${of} ${key}`) ?? 0
    heard.set(`${of} ${key}`, now)
    const all: (Answer | Path)[] = recording[of][key] ?? []
    Object.assign(recording[of], { [key]: all })
    const last = all.at(-1)
    if (last && sameAnswer(last, answer)) {
      // one that was asked for its content too knows more
      if ('content' in answer) all[all.length - 1] = answer
      return
    }
    all.push(answer)
    if (!last) return
    // several changes go on at once: of those since the last look the one that is about the same unit or path
    const words = wordsOf(of, key)
    const since = done.filter(({ ended }) => ended < begun && ended > before)
    const cause =
      since.findLast(({ keys }) =>
        keys.some((one) => words.some((word) => one.split(/[\0 ]/).includes(word))),
      ) ?? done.findLast(({ ended }) => ended < begun)
    if (!cause) throw new Error(`an answer changed and nothing was done: ${key}`)
    for (const change of cause.keys) {
      const flips = recording.flips[change] ?? []
      recording.flips[change] = flips
      flips[cause.times - 1] = [...(flips[cause.times - 1] ?? []), { of, key, to: all.length - 1 }]
    }
  }
  for (const one of told) {
    if (one.kind === 'command') {
      const change = mutationOf(one.asked)
      if (!change) continue
      const keys = changesOf(change)
      const nth = (times.get(keys.join()) ?? 0) + 1
      times.set(keys.join(), nth)
      done.push({ keys, times: nth, ended: one.ended })
      continue
    }
    const { script, args } = one.asked
    if (script === unitsScript) {
      const answer = (text: string): Answer => ({
        code: 0,
        stdout: Buffer.from(text).toString('base64'),
        stderr: '',
      })
      for (const { unit, block, enabled } of unitsIn(args, one.answer.stdout.toString())) {
        seen('questions', unitKey(unit), answer(block), one)
        if (enabled !== undefined) seen('questions', enabledKey(unit), answer(enabled), one)
      }
      continue
    }
    if (script !== statScript) {
      const { code, stdout, stderr } = one.answer
      seen(
        'questions',
        keyOf(one.asked),
        { code, stdout: stdout.toString('base64'), stderr: stderr.toString('base64') },
        one,
      )
      continue
    }
    const asked = args.flatMap((path, i) => (i % 2 === 1 ? [{ path, content: args[i - 1] === '1' }] : []))
    for (const [i, state] of statesIn(one.answer.stdout, asked).entries())
      seen('paths', asked[i]?.path ?? '', pathOf(state), one)
  }
  const own = writtenPaths(told)
  for (const [key, flips] of Object.entries(recording.flips))
    recording.flips[key] = Array.from(flips, (some) =>
      (some ?? []).filter((flip) => flip.of === 'questions' || !own.has(flip.key)),
    )
  return recording
}

/** What a question is about: its arguments but those that many have. */
function wordsOf(of: Flip['of'], key: string): string[] {
  if (of === 'paths') return [key]
  return key
    .split('\0')
    .slice(1)
    .filter((word) => /[a-z]/.test(word) && word !== markDirectory)
}

/** Paths whose content came from the operator: where this is replayed, it comes from there too. */
function writtenPaths(told: readonly Told[]): ReadonlySet<string> {
  const changes = told.flatMap((one) => mutationOf(one.asked) ?? [])
  return new Set(
    changes.flatMap(({ script, args }) => {
      if (script === uploadScript) return args.slice(0, 1)
      return script === writeScript ? args.filter((_, i) => i % 6 === 0) : []
    }),
  )
}

function statesIn(stdout: Buffer, asked: { path: string; content: boolean }[]): FileState[] {
  try {
    return parseStat(stdout, asked)
  } catch (error) {
    // it is asked again
    if (error instanceof ChangedMeanwhile) return []
    throw error
  }
}

function pathOf(state: FileState): Path {
  if (state.kind !== 'file') return state
  const { content, ...rest } = state
  return content === undefined ? rest : { ...rest, content: content.toString('base64') }
}

function sameAnswer(a: Answer | Path, b: Answer | Path): boolean {
  const bare = (one: Answer | Path): string => JSON.stringify({ ...one, content: undefined })
  return bare(a) === bare(b)
}

/** The host as its own facts name it, the last that were told. */
function identityOf(told: readonly Told[]): Identity {
  const facts = told
    .flatMap((one) => (one.kind === 'question' ? [one.answer.stdout.toString('latin1')] : []))
    .findLast((text) => text.includes('\n@machine-id\n'))
  const section = (name: string): string => facts?.split(`\n@${name}\n`)[1]?.split('\n\n@')[0] ?? ''
  const [, address = ''] = /eth0 +inet ([\d.]+)\//.exec(section('addresses')) ?? []
  const [, mac = ''] = /eth0.*link\/ether ([0-9a-f:]+)/.exec(section('links')) ?? []
  return { name: section('hostname').trim(), address, mac, machineId: section('machine-id').trim() }
}
