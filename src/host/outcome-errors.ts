import { afterTakeOver, NoAnswer, UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'
import { nameOf, wordsOf } from './command-record.js'
import type { Command, Exited, Outcome } from './connection.js'
import { lostEpoch } from './mutate-script.js'
import { sudoAdvice } from './sudo-check.js'
import { notBegun } from './wire.js'

/** Why a question got no answer. */
export function couldNotAsk(host: string, outcome: Outcome): UserError {
  if (outcome.kind === 'lost' && /\bsudo(ers)?\b/.test(outcome.reason))
    return new UserError('connection', 'sudo does not give root privileges', {
      host,
      why: redact(outcome.reason),
      next: sudoAdvice(outcome.reason),
    })
  if (outcome.kind === 'lost' && outcome.reason.startsWith(notBegun))
    return new UserError('connection', 'the host does not run commands', {
      host,
      why: redact(outcome.reason),
      next: 'check that the login user has a shell (not nologin), and that no ForceCommand or command= is set for it',
    })
  const why =
    outcome.kind === 'lost'
      ? outcome.reason
      : outcome.kind === 'killed'
        ? `terminated by ${outcome.signal}`
        : outcome.stderr
  return new NoAnswer('lost the connection to the host while reading from it', {
    host,
    why: redact(why),
    next: 'nothing was changed; run again when the host answers',
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
      next: 'the change may have continued on the host; run again: finished steps are kept',
    })
  const words = wordsOf(outcome)
  const what = nameOf(command)
  if (outcome.kind === 'killed' && ['STALLED', 'SLOW', 'UNFINISHED'].includes(outcome.signal))
    throw new UserError(
      'step',
      outcome.signal === 'STALLED'
        ? `${what}: the host accepted no data for ${(command.streaming?.acceptMs ?? 0) / 1000} s`
        : outcome.signal === 'SLOW'
          ? `${what}: the host accepted fewer than ${command.streaming?.leastRate?.bytesPerSecond ?? 0} bytes a second`
          : `${what}: did not finish within ${(command.streaming?.finishMs ?? 0) / 1000} s after all data was sent`,
      {
        host,
        why: words,
        next: 'check the disk of the host, and the network between it and this computer; nothing was replaced, run again',
      },
    )
  if (outcome.kind === 'killed')
    throw new UserError(
      'step',
      outcome.signal === 'TIMEOUT'
        ? `${what}: did not finish within ${command.timeoutMs / 1000} s`
        : `${what}: terminated by SIG${outcome.signal}`,
      {
        host,
        why: words,
      },
    )
  if (outcome.code === lostEpoch && words === '')
    throw new UserError('step', 'another run of kubestrap has taken over this host', {
      host,
      why: redact(owner ?? ''),
      next: afterTakeOver,
      endsRun: true,
      takenOverBy: redact(owner ?? ''),
    })
  throw new UserError('step', `${what}: failed with exit code ${outcome.code}`, { host, why: words })
}
