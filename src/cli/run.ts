import yargs from 'yargs'
import { exitCodes, UserError } from '../lib/errors.js'
import type { Command } from './command.js'
import { commands } from './commands.js'

/**
 * Parses the command line and runs its command. Returns the exit code. Throws UserError('usage') for
 * a command line that cannot be understood.
 */
export async function run(argv: readonly string[], version: string): Promise<number> {
  let code: number = exitCodes.ok
  const handle = (command: Command) => async (values: Record<string, unknown>) => {
    code = await command.run(values)
  }
  const parser = commands
    .reduce(
      (parser, command) =>
        parser.command(
          command.name,
          command.about,
          (sub) => {
            let of = sub.options(command.options ?? {}).example(command.example, '')
            for (const [name, positional] of Object.entries(command.positionals ?? {}))
              of = of.positional(name, positional)
            for (const child of command.children ?? [])
              of = of.command(
                child.name,
                child.about,
                (inner) => {
                  let grand = inner.options(child.options ?? {}).example(child.example, '')
                  for (const [name, positional] of Object.entries(child.positionals ?? {}))
                    grand = grand.positional(name, positional)
                  return grand
                },
                handle(child),
              )
            return command.children
              ? of.demandCommand(
                  1,
                  `say which: ${command.children.map((c) => c.name.split(' ')[0]).join(', ')}`,
                )
              : of
          },
          handle(command),
        ),
      yargs()
        .scriptName('kubestrap')
        .usage('$0 COMMAND [options]\n\nKubernetes clusters over SSH from one inventory file.'),
    )
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
  await parser.parseAsync([...argv])
  return code
}
