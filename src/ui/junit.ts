import type { Writable } from 'node:stream'
import type { RunEvent } from '../engine/events.js'
import { likelyCause } from './format.js'
import type { Reporter } from './reporter.js'
import { shown } from './screen.js'

type Check = Extract<RunEvent, { type: 'check' }>

/** The checks of a verification as JUnit XML, in the form CI systems read; written when the run has finished. */
export function junitReporter(out: Writable): Reporter {
  const checks: Check[] = []
  return {
    on: (event) => {
      if (event.type === 'check') checks.push(event)
      if (event.type === 'run-finished') out.write(junit(checks, event.at))
    },
    close: async () => {},
  }
}

/** @param ms how long all of it took */
function junit(checks: readonly Check[], ms: number): string {
  const of = (status: Check['status']): number => checks.filter((check) => check.status === status).length
  const seconds = (value: number): string => (value / 1000).toFixed(3)
  const cases = checks.map((check) => {
    const { name, status, detail = '' } = check
    const open = `  <testcase classname="kubestrap.verify" name="${escaped(name)}" time="${seconds(check.ms)}"`
    if (status === 'failed') {
      const type = check.code ? ` type="${escaped(check.code)}"` : ''
      const failure = `${open}><failure message="${escaped(detail)}"${type}`
      const words = [check.words, check.cause && likelyCause(check.cause, check.code)]
        .filter(Boolean)
        .join('\n')
      return words ? `${failure}>${escaped(words)}</failure></testcase>` : `${failure}/></testcase>`
    }
    if (status === 'skipped') return `${open}><skipped message="${escaped(detail)}"/></testcase>`
    return detail === '' ? `${open}/>` : `${open}><system-out>${escaped(detail)}</system-out></testcase>`
  })
  const counts = `tests="${checks.length}" failures="${of('failed')}" skipped="${of('skipped')}" time="${seconds(ms)}"`
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuite name="kubestrap verify" ${counts}>
${cases.join('\n')}
</testsuite>
`
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

/** Somebody's words for attributes and text, as they may be shown; characters that XML 1.0 has no way to write become U+FFFD. */
function escaped(text: string): string {
  return shown(text)
    .replace(/[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"\n]/g, (found) => entities[found] ?? found)
}
