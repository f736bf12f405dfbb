import yargs, { type Argv } from 'yargs'
import { exitCodes, UserError } from '../lib/errors.js'
import type { Command } from './command.js'
import { commands } from './commands.js'

/**
 * Parses the command line and runs its command. Returns the exit code. Throws UserError('usage') for
 * a command line that cannot be understood.
 */
export async function run(argv: readonly string[], version: string): Promise<number> {
  let code: number = exitCodes.ok
  const start = async (command: Command, values: Record<string, unknown>): Promise<void> => {
    code = await command.run(values)
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
    .completion('completion', 'Print a script for completion in bash or zsh: source <(kubestrap completion)')
    .demandCommand(1, 'say what to do; kubestrap --help lists the commands')
    .strict()
    .version(version)
    .alias('h', 'help')
    .wrap(Math.min(110, process.stdout.columns ?? 110))
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message, error) => {
      if (error) throw error
      throw new UserError('usage', message, { next: 'kubestrap --help, or kubestrap COMMAND --help' })
    })
    .parseAsync([...argv])
  return code
}

type Start = (command: Command, values: Record<string, unknown>) => Promise<void>

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
      return names.length > 0 ? whole.demandCommand(1, `say which: ${names.join(', ')}`) : whole
    },
    (values) => start(command, values),
  )
}
