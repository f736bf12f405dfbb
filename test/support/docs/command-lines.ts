import { blocksOf } from './blocks.js'
import type { Page } from './pages.js'
import { shellCommands } from './shell-words.js'

/** A command that a page shows. */
export interface Shown {
  at: string
  /** With its name: ["kubestrap", "up"]. */
  words: readonly string[]
  /** Within a sentence, where a command may be named without what it requires. */
  named: boolean
}

const shellLanguages = ['sh', 'bash', 'console']

/**
 * The commands that a page shows, by their name: each line of a block of shell (in `console` each behind `$`), and each
 * piece of code within a line that begins with the name.
 */
export function commandLines(page: Page, name: string): Shown[] {
  const { blocks, prose } = blocksOf(page)
  const inBlocks = blocks
    .filter(({ language }) => shellLanguages.includes(language))
    .flatMap(({ language, at, lines }) =>
      lines.flatMap((line, i) => {
        const command = language === 'console' ? /^\$ (.*)/.exec(line)?.[1] : line
        return command === undefined ? [] : [{ at: lineOf(at, i), command, named: false }]
      }),
    )
  const inProse = codeSpans(prose.map(({ line }) => line).join('\n')).map(({ line, code }) => ({
    at: prose[line]?.at ?? page.path,
    command: code,
    named: true,
  }))
  return [...inBlocks, ...inProse].flatMap(({ at, command, named }) =>
    command.includes(name)
      ? shellCommands(command)
          .filter(([first, second]) => first === name && second !== undefined)
          .map((words) => ({ at, words, named }))
      : [],
  )
}

/** Code within lines, which may go on in the next one. */
function codeSpans(text: string): { line: number; code: string }[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(({ index, 1: code = '' }) => ({
    line: text.slice(0, index).split('\n').length - 1,
    code: code.replace(/\s*\n\s*/g, ' '),
  }))
}

function lineOf(at: string, more: number): string {
  const [path, line] = at.split(':')
  return `${path}:${Number(line) + more}`
}
