import type { StatQuestion } from '../../../src/host/stat-script.js'
import type { Path } from './recording.js'

/** What the product's own script prints of such paths (see stat-script.ts). */
export function statAnswer(asked: readonly StatQuestion[], look: (one: StatQuestion) => Path): Buffer {
  const states = asked.map(look)
  const kinds = states.map(
    ({ kind }) => ({ absent: 'a', other: 'o', symlink: 'l', directory: 'd', file: 'f' })[kind],
  )
  const lines = (mark: string, of: readonly string[]): string =>
    [`@${mark}`, ...of].map((line) => `${line}\n`).join('')
  const absent = asked.flatMap(({ path }, i) =>
    states[i]?.kind === 'absent' ? [`stat: cannot statx '${path}': No such file or directory`] : [],
  )
  const targets = states.flatMap((one) => (one.kind === 'symlink' ? [`${one.target}\0`] : []))
  const stats = states.flatMap((one) => {
    if (one.kind === 'file') return [`${Number(one.mode)} ${one.owner} ${one.size}`]
    return one.kind === 'directory' ? [`${Number(one.mode)} ${one.owner} 4096`] : []
  })
  const sums = (isBig: boolean): string[] =>
    states.flatMap((one) => (one.kind === 'file' && one.size > bigFile === isBig ? [one.sha256] : []))
  const contents = states.flatMap((one, i) =>
    one.kind === 'file' && one.size <= bigFile && asked[i]?.content
      ? [Buffer.from(one.content ?? '', 'base64')]
      : [],
  )
  const links = Buffer.from(targets.join('')).toString('base64')
  const head = `${kinds.join('')}\n${lines('absent', absent)}@links\n${links}\n${lines('stat', stats)}${lines('sums', sums(true))}${lines('small', sums(false))}@content\n`
  return Buffer.concat([Buffer.from(head), ...contents])
}

/** Of which the content is not told. */
const bigFile = 8 * 1024 * 1024
