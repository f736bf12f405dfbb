import type { Options } from 'yargs'
import { needsConsent, summaryOf } from '../../engine/summary.js'
import { UserError } from '../../lib/errors.js'
import { print } from '../../ui/screen.js'
import type { Planned } from '../../workflows/execute.js'
import { canAsk, saysYes } from '../questions.js'
import type { Reporting } from '../reporting.js'
import { summaryText } from './print-plan.js'

export const yesOption = {
  yes: {
    alias: 'y',
    type: 'boolean',
    default: false,
    describe: 'do not ask before what a running cluster uses is interrupted',
  },
} satisfies Record<string, Options>

/**
 * Asks before anything that a living cluster uses is interrupted; a birth, a join, and changes that interrupt nothing go
 * on without a question.
 * @returns whether to go on. Throws UserError('usage') where there is something to ask and nobody to answer.
 */
export function confirmInterruptions(
  values: Record<string, unknown>,
): (found: Planned, reporting: Pick<Reporting, 'human'>) => Promise<boolean> {
  return async ({ graph, plan, world }, { human }) => {
    const summary = summaryOf(graph, plan, world)
    const { interruptions } = summary
    if (!needsConsent(summary) || values.yes === true) return true
    const hosts = interruptions.map(({ host }) => host).join(', ')
    if (!human || !canAsk())
      throw cannotAsk(`this interrupts a running cluster (${hosts})`, summaryText(summary).trimEnd())
    print(`\n${summaryText(summary)}\n`)
    return saysYes('This interrupts a running cluster. Type yes to continue: ')
  }
}

/**
 * What a command says that would ask and has nobody to ask.
 * @param what what the question is about: "this reboots w1"
 * @param shown what would be done, as the question would show it
 */
export function cannotAsk(what: string, shown: string): UserError {
  return new UserError('usage', `${what}, and there is no terminal to ask on`, {
    why: shown,
    next: 'nothing was changed; to go on without a question add --yes',
  })
}
