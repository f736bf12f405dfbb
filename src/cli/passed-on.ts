import type { Command } from './command.js'

/**
 * A command line in which `--` stands before what goes on to another program (Command.passesOn): behind the first
 * word after that command's name that is no option of ours. Any other line is left as it is.
 */
export function withPassedOn(argv: readonly string[], commands: readonly Command[]): readonly string[] {
  let known = commands
  let command: Command | undefined
  for (let at = 0; at < argv.length; at += 1) {
    const word = argv[at] ?? ''
    if (word === '--') return argv
    if (word.startsWith('-')) {
      if (takesNext(word, command)) at += 1
      continue
    }
    if (command?.passesOn) {
      const rest = argv.slice(at + 1)
      return rest.length === 0 || rest[0] === '--' ? argv : [...argv.slice(0, at + 1), '--', ...rest]
    }
    command = known.find(({ name }) => name.split(' ')[0] === word)
    if (!command) return argv
    known = command.children ?? []
  }
  return argv
}

/** Whether the word after an option is its value: `-i FILE`, but not `-iFILE` and `--inventory=FILE`. */
function takesNext(word: string, command: Command | undefined): boolean {
  return Object.entries(command?.options ?? {}).some(
    ([name, { alias, type }]) =>
      type !== 'boolean' &&
      (word === `--${name}` || [alias ?? []].flat().some((short) => word === `-${short}`)),
  )
}
