import type { Style } from './line.js'
import type { PhaseState } from './model.js'

/** What stands before a phase or a host, and where something was cut. */
export interface Marks {
  of: Readonly<Record<PhaseState, string>>
  cut: string
  next: string
}

/** None is of ambiguous width (UAX #11) but those of text. */
export const unicodeMarks: Marks = {
  of: {
    waiting: '◦',
    running: '▸',
    done: '✔',
    'up to date': '=',
    failed: '✖',
    'not reached': '⊘',
  },
  cut: '…',
  next: '→',
}

export const asciiMarks: Marks = {
  of: { waiting: '.', running: '>', done: '+', 'up to date': '=', failed: 'x', 'not reached': '-' },
  cut: '~',
  next: '->',
}

export const styleOf: Readonly<Record<PhaseState, Style>> = {
  waiting: 'dim',
  running: 'busy',
  done: 'good',
  'up to date': 'dim',
  failed: 'bad',
  'not reached': 'missed',
}

/** ASCII where the locale that is set is not UTF-8, and on the console of Linux, whose font has no such characters. */
export function marksFor(env: NodeJS.ProcessEnv): Marks {
  // the first that is set and not empty takes precedence (POSIX, 8.2)
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG
  const other = locale !== undefined && locale !== '' && !/utf-?8/i.test(locale)
  return other || env.TERM === 'linux' ? asciiMarks : unicodeMarks
}
