import type { Context } from '../cluster/context.js'
import { exitCodes } from '../lib/errors.js'
import { checks } from '../preflight/checks.js'
import { lookCloser } from '../preflight/closer.js'
import { type Finding, runChecks } from '../preflight/run-checks.js'
import { duration, table } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { openSession } from '../workflows/session/session.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption } from './command.js'
import { inventoryOf } from './inventory.js'
import { warnOfOthers } from './other-runs.js'
import type { Reporting } from './reporting.js'
import { withoutTree, withReporting } from './with-reporting.js'

export const preflightCommand: Command = {
  name: 'preflight',
  about: 'Run every preflight check on every host and show the results; nothing is changed.',
  example: 'kubestrap preflight -i inventory.yaml --ignore-preflight NumCPU',
  options: {
    ...inventoryOption,
    ...outputOption,
    ...ignoreOption,
    list: { type: 'boolean', default: false, describe: 'only list the checks and what each requires' },
  },
  run: async (values) => {
    if (values.list === true) {
      print(`${table([['CHECK', 'REQUIREMENT'], ...checks.map(({ name, about }) => [name, about])])}\n`)
      return exitCodes.ok
    }
    const spec = await inventoryOf(values)
    return withReporting(withoutTree(values), async (reporting) => {
      const session = await openSession(spec, {
        fetch: false,
        onCommand: reporting.onCommand,
        signal: reporting.signal,
        turn: { kind: 'look', patient: true },
      })
      try {
        warnOfOthers(session.hands, reporting)
        const closer = await lookCloser(session.context, true)
        const findings = runChecks(session.context, closer, checks, list(values, 'ignore-preflight'))
        const failed = findings.filter(({ severity, ignored }) => severity === 'error' && !ignored).length
        tell(session.context, findings, reporting)
        return {
          exitCode: failed > 0 ? exitCodes.preflight : exitCodes.ok,
          lastWords: () => {
            if (!reporting.human) return
            const verdict =
              failed === 0 ? 'No preflight check failed' : `${failed} to be fixed, or ignored by name`
            print(`${verdict} (${duration(reporting.now())}).\n`)
          },
        }
      } finally {
        await session.close()
      }
    })
  },
}

/** A row, and an event, for each host and check. */
function tell({ machines }: Context, findings: readonly Finding[], { emit, now, human }: Reporting): void {
  const rows: string[][] = [['HOST', 'CHECK', 'RESULT']]
  for (const { spec } of machines)
    for (const { name } of checks) {
      const mine = findings.filter(({ host, check }) => host === spec.name && check === name)
      if (mine.length === 0) rows.push([spec.name, name, 'ok'])
      for (const finding of mine) rows.push([spec.name, name, resultOf(finding)])
      const failed = mine.some(({ severity, ignored }) => severity === 'error' && !ignored)
      if (!human)
        emit({
          type: 'check',
          at: now(),
          name: `${spec.name}: ${name}`,
          status: failed ? 'failed' : 'passed',
          ms: 0,
          ...(mine.length > 0 ? { detail: mine.map(resultOf).join('; ') } : {}),
        })
    }
  if (human) print(`${table(rows)}\n`)
}

function resultOf({ severity, ignored, what, next }: Finding): string {
  return `${severity === 'error' && ignored ? 'ignored' : severity}: ${what} → ${next}`
}
