import { createInterface } from 'node:readline/promises'
import { UserError } from '../lib/errors.js'
import { shown } from '../ui/screen.js'

/** A person at the terminal. */
export interface Questions {
  /** The answer on one line. Throws UserError('interrupted') for Ctrl-C and Ctrl-D. */
  ask(question: string): Promise<string>
  close(): void
}

/** Whether there is a person to ask: standard input and standard error are a terminal. */
export const canAsk = (): boolean => process.stdin.isTTY === true && process.stderr.isTTY === true

/** Asks on standard error, where questions are in the way of no output. */
export function openQuestions(): Questions {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const ended = new Promise<never>((_, reject) => {
    const end = (): void => reject(new UserError('interrupted', 'interrupted at a question'))
    terminal.once('SIGINT', end)
    terminal.once('close', end)
  })
  // closed at the end, when no question waits for it
  ended.catch(() => {})
  return {
    ask: (question) => Promise.race([terminal.question(shown(question)), ended]),
    close: () => terminal.close(),
  }
}

/** Whether a person types yes. Throws as `ask`. */
export async function saysYes(question: string): Promise<boolean> {
  const questions = openQuestions()
  try {
    return (await questions.ask(question)).trim() === 'yes'
  } finally {
    questions.close()
  }
}
