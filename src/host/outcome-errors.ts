import { NoAnswer, UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'
import { nameOf, wordsOf } from './command-record.js'
import type { Command, Exited, Outcome } from './connection.js'
import { lostEpoch } from './mutate-script.js'
import { sudoAdvice } from './sudo-check.js'
import { notBegun } from './wire.js'

/** Why a question got no answer. */
export function couldNotAsk(host: string, outcome: Outcome): UserError {
  if (outcome.kind === 'lost' && /\bsudo(ers)?\b/.test(outcome.reason))
    return new UserError('connection', 'sudo does not make us root', {
      host,
      why: redact(outcome.reason),
      next: sudoAdvice(outcome.reason),
    })
  if (outcome.kind === 'lost' && outcome.reason.startsWith(notBegun))
    return new UserError('connection', 'the host does not run what it is told', {
      host,
      why: redact(outcome.reason),
      next: "has the login user a shell (not nologin), and no ForceCommand or command= in sshd's files?",
    })
  const why =
    outcome.kind === 'lost'
      ? outcome.reason
      : outcome.kind === 'killed'
        ? `ended by ${outcome.signal}`
        : outcome.stderr
  return new NoAnswer('lost the host while asking', {
    host,
    why: redact(why),
    next: 'nothing was concluded from it; run again when the host answers',
  })
}

/**
 * The answer of a mutation that succeeded. Throws UserError('step') with the command's last words otherwise.
 * @param owner of one that came too late: the run that has the host
 */
export function mutated(host: string, command: Command, outcome: Outcome, owner?: string): Exited {
  if (outcome.kind === 'exited' && outcome.code === 0) return outcome
  if (outcome.kind === 'lost')
    throw new UserError('step', 'the connection was lost during a change', {
      host,
      why: redact(outcome.reason),
      next: 'it may have gone on by itself; run again: what is done stays done',
    })
  const words = wordsOf(outcome)
  const what = nameOf(command)
  if (outcome.kind === 'killed')
    throw new UserError(
      'step',
      outcome.signal === 'TIMEOUT'
        ? `${what}: not done within ${command.timeoutMs / 1000} s`
        : `${what}: ended by SIG${outcome.signal}`,
      {
        host,
        why: words,
      },
    )
  if (outcome.code === lostEpoch && words === '')
    throw new UserError('step', 'another run of kubestrap has taken this host over', {
      host,
      why: redact(owner ?? ''),
      next: 'this run ends; run again when the other has ended',
      endsRun: true,
    })
  throw new UserError('step', `${what}: failed with exit code ${outcome.code}`, { host, why: words })
}
