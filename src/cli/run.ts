import yargs, { type Argv } from 'yargs'
import { exitCodes, UserError } from '../lib/errors.js'
import { nearest } from '../lib/nearest.js'
import { print } from '../ui/screen.js'
import type { Command } from './command.js'
import { commands } from './commands.js'
import { withPassedOn } from './passed-on.js'

/**
 * Parses the command line and runs its command. Returns the exit code. Throws UserError('usage') for
 * a command line that cannot be understood.
 */
export async function run(argv: readonly string[], version: string): Promise<number> {
  // it is run when yargs is done: of one that takes its time yargs draws the help beforehand
  let wanted: (() => Promise<number>) | undefined
  const start: Start = (command, values) => {
    wanted = () => command.run(values)
  }
  const [name, shell] = argv
  if (name === 'completion' && shell !== undefined) {
    if (shell === 'bash' || shell === 'zsh') {
      // yargs has no other ear for it
      process.env.SHELL = `/bin/${shell}`
      delete process.env.ZSH_NAME
      argv = ['completion']
    } else if (shell === '--help' || shell === '-h') {
      print(completionHelp)
      return exitCodes.ok
    } else
      throw new UserError('usage', `no completion for shell ${shell}`, {
        next: 'use completion bash, or completion zsh',
      })
  }
  const parser = commands.reduce(
    (parser, command) => add(parser, command, start),
    yargs()
      .scriptName('kubestrap')
      .usage('$0 COMMAND [options]\n\nKubernetes clusters over SSH from one inventory file.') as Argv,
  )
  await parser
    // `-l w1 uptime` is one limit and a command; what follows -- is nobody's option
    .parserConfiguration({ 'greedy-arrays': false, 'populate--': true })
    .completion('completion', 'Print the completion script for bash or zsh: source <(kubestrap completion)')
    .demandCommand(1, 'a command is required; kubestrap --help lists the commands')
    .strict()
    .version(version)
    .alias('h', 'help')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      if (error) throw error
      const { what = message, meant } = unknownWord(message, argv) ?? {}
      throw new UserError('usage', what, {
        next: `${meant ? `did you mean ${meant}? ` : ''}kubestrap --help, or kubestrap COMMAND --help`,
      })
    })
    .parseAsync([...withPassedOn(argv, commands)])
  return wanted ? await wanted() : exitCodes.ok
}

const completionHelp = `kubestrap completion [bash|zsh]

Print the completion script; without an argument for the shell in $SHELL.

Example:
  source <(kubestrap completion bash)
`

/**
 * An unknown word of the command line: what it is (a command where one may stand), and what was probably meant: a
 * command, or an option of the one named.
 */
function unknownWord(
  message: string,
  argv: readonly string[],
): { what: string; meant: string | undefined } | undefined {
  const unknown = /^Unknown arguments?: ([^,]+)/.exec(message)?.[1]
  if (unknown === undefined) return undefined
  const words = argv.filter((word) => !word.startsWith('-'))
  let known: readonly Command[] = commands
  let command: Command | undefined
  for (const word of words) {
    const found = known.find(({ name }) => name.split(' ')[0] === word)
    if (!found) break
    command = found
    known = found.children ?? []
  }
  const options = ['help', ...Object.keys(command?.options ?? {})].map((name) => `--${name}`)
  const isOption = argv.some((word) => word.startsWith(`--${unknown}`))
  const meant = isOption
    ? nearest(`--${unknown}`, options)
    : nearest(
        unknown,
        known.map(({ name }) => name.split(' ')[0] ?? ''),
      )
  return { what: !isOption && known.length > 0 ? `unknown command ${unknown}` : message, meant }
}

type Start = (command: Command, values: Record<string, unknown>) => void

/** A command and its children, added to a parser. */
function add(parser: Argv, command: Command, start: Start): Argv {
  const children = command.children ?? []
  return parser.command(
    command.name,
    command.about,
    (sub) => {
      const own = Object.entries(command.positionals ?? {}).reduce(
        (of, [name, positional]) => of.positional(name, positional) as Argv,
        sub.options(command.options ?? {}).example(command.example, '') as Argv,
      )
      const whole = children.reduce((of, child) => add(of, child, start), own)
      const names = children.map(({ name }) => name.split(' ')[0])
      return names.length > 0
        ? whole.demandCommand(1, `a subcommand is required: ${names.join(', ')}`)
        : whole
    },
    (values) => start(command, values),
  )
}
