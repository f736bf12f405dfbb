import { UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'
import type { Outcome } from './connection.js'
import { type Become, sudoCheckLine } from './wire.js'

/** sudo waits about two seconds after a wrong password. */
export const sudoCheckMs = 20_000

/**
 * Tries the sudo password once, by itself, before any script is sent: `sudo -S` asks three times, and
 * would take what follows a wrong password for the next ones. Nothing to do without a password.
 * @param run sends the text to the command line's input and ends it
 * Throws UserError('connection') when sudo does not take it.
 */
export async function checkSudo(
  host: string,
  become: Become,
  run: (line: string, input: string) => Promise<Outcome>,
): Promise<void> {
  if (become === 'none' || !become.sudo.password) return
  const outcome = await run(sudoCheckLine, `${become.sudo.password.reveal()}\n`)
  if (outcome.kind === 'exited' && outcome.code === 0) return
  const words = outcome.kind === 'lost' ? outcome.reason : outcome.stderr
  const wrong = /incorrect password|no password was provided/.test(words)
  throw new UserError(
    'connection',
    wrong ? 'sudo does not accept the password' : 'sudo does not give root privileges',
    {
      host,
      why: redact(words.trim()),
      next: wrong
        ? `check that it is the password of that user${become.sudo.at ? ` (ssh.sudo.password, ${become.sudo.at})` : ''}; it was tried once`
        : sudoAdvice(words),
    },
  )
}

/** What to do about sudo's own words. */
export function sudoAdvice(words: string): string {
  if (/must have a tty|requiretty/.test(words))
    return 'on the host: turn requiretty off in sudoers (Defaults:USER !requiretty)'
  if (/not found|No such file/.test(words)) return 'install sudo on the host, or log in as root (ssh.user)'
  if (/not in the sudoers|not allowed|may not run/.test(words))
    return 'allow the login user to run /bin/sh as root in sudoers, or log in as root (ssh.user)'
  return 'set its password (ssh.sudo.password: env:NAME or prompt), allow sudo without a password (NOPASSWD), or log in as root (ssh.user)'
}
