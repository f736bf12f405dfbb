import { exitCodes } from '../lib/errors.js'
import { tell } from '../ui/screen.js'

/** How long after its last word a process may still have open handles. */
const patienceMs = 5_000
/** Of one that was interrupted: what it waited for is given up, not forgotten. */
const interruptedMs = 200

/**
 * Success is not what remains when nothing else is said. From here on the process ends with a failure, in words,
 * when it runs out of things to wait for: a promise that nobody settles keeps no process alive. The exit code is
 * the one given to `decided`.
 */
export function guardEnd(): { code: number | undefined; decided(code: number): void } {
  process.exitCode = exitCodes.bug
  const unfinished = (): void => {
    process.exitCode = exitCodes.bug
    tell(
      '\nThis is a bug in kubestrap; please report it: it waits for something that cannot come any more.\nWhat was being done is not finished; run again.\n',
    )
  }
  process.once('beforeExit', unfinished)
  return {
    code: undefined,
    decided(code) {
      this.code = code
      process.removeListener('beforeExit', unfinished)
      process.exitCode = code
      endSoon(code)
    },
  }
}

/** The last word of every command that was interrupted, however it ends. */
export function tellInterrupted(): void {
  tell('Interrupted: run again to finish\n')
}

/**
 * Ends the process at Ctrl-C, in words, unless somebody else listens: a command that has changes under way lets
 * them finish (see startReporting).
 */
export function endWhenInterrupted(): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (process.listenerCount(signal) > 1) return
      tellInterrupted()
      process.exit(exitCodes.interrupted)
    })
  }
}

/** Ends a process that something forgotten keeps alive, and names it. Nothing to do for one that ends by itself. */
function endSoon(code: number): void {
  const interrupted = code === exitCodes.interrupted
  const timer = setTimeout(
    () => {
      // whoever reads our output is slow
      if (process.stdout.writableLength > 0 || process.stderr.writableLength > 0) return endSoon(code)
      const open = process.getActiveResourcesInfo().filter((name) => name !== 'Timeout')
      if (!interrupted) tell(`kubestrap: ended with open handles: ${open.join(', ') || 'timers'}\n`)
      process.exit(code)
    },
    interrupted ? interruptedMs : patienceMs,
  )
  timer.unref()
}
