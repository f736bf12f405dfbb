import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { type LogFile, logDirectory, newLogFile, openLogFile } from '../ui/log-file.js'
import { text } from './command.js'
import { version } from './version.js'

/**
 * The log that --log-file names, or a new one in the user's state directory. A default log that cannot be
 * made stops nothing: `complain` is told why. Throws UserError('usage') when the one that was asked for
 * cannot be opened.
 */
export function startLog(
  values: Record<string, unknown>,
  complain: (why: string) => void,
): LogFile | undefined {
  const wanted = text(values, 'log-file')
  if (wanted === 'none') return undefined
  const words = Array.isArray(values._) ? values._.map(String) : []
  const command = words.join('-').replace(/[^a-z0-9-]/gi, '') || 'kubestrap'
  const options = { now: () => new Date(), onLost: (why: string) => complain(`the log ends here: ${why}`) }
  try {
    const log =
      wanted === ''
        ? newLogFile(logDirectory(process.env, homedir()), command, options)
        : openLogFile(resolve(wanted), options)
    log.write({
      type: 'log-started',
      command: words.join(' '),
      // whose run it was, for support-bundle
      ...(text(values, 'inventory') === '' ? {} : { inventory: resolve(text(values, 'inventory')) }),
      kubestrap: version(),
      node: process.version,
    })
    return log
  } catch (error) {
    const why = messageOf(error)
    if (wanted !== '') throw new UserError('usage', `cannot write the log ${wanted}`, { why })
    complain(`this run is not logged: ${why}`)
    return undefined
  }
}
