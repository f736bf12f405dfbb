import { exitCodes, UserError } from '../lib/errors.js'
import { endWhenInterrupted, guardEnd, tellInterrupted } from './end-of-process.js'
import { printError } from './print-error.js'
import { version } from './version.js'

/**
 * Runs one command line and sets the exit code. The version is answered before anything heavy is
 * loaded. Errors end here: a UserError in plain words, anything else as the bug it is.
 */
export async function main(argv: readonly string[]): Promise<void> {
  if (argv[0] === '--version') {
    const { print } = await import('../ui/screen.js')
    print(`${version()}\n`)
    process.exitCode = exitCodes.ok
    return
  }
  const end = guardEnd()
  // whoever reads our output may have seen enough: `kubestrap plan | head`
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(end.code ?? exitCodes.interrupted)
    throw error
  })
  endWhenInterrupted()
  const code = await outcome(argv)
  if (code === exitCodes.interrupted) tellInterrupted()
  end.decided(code)
}

/** The exit code of a command line; a failure is printed. */
async function outcome(argv: readonly string[]): Promise<number> {
  try {
    const { run } = await import('./run.js')
    return await run(argv, version())
  } catch (thrown) {
    const { asUserError } = await import('./as-user-error.js')
    const error = asUserError(thrown)
    if (error instanceof UserError) {
      printError(error)
      return exitCodes[error.kind]
    }
    const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
    const { tell } = await import('../ui/screen.js')
    tell(`\nThis is a bug in kubestrap; please report it with the lines below.\n${stack}\n`)
    return exitCodes.bug
  }
}
