import { type Outlook, outlook } from '../engine/plan.js'
import { exitCodes } from '../lib/errors.js'
import { duration } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session/session.js'
import { up } from '../workflows/up.js'
import { awayOption, warnOfAway, withoutHosts } from './away.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption } from './command.js'
import { inventoryOf } from './inventory.js'
import { warnOfOthers } from './other-runs.js'
import { printPlan } from './print-plan.js'
import { limitOption, limitsOf } from './selection.js'
import { tellUnset, warnOfVersion } from './tell-versions.js'
import { withoutTree, withReporting } from './with-reporting.js'

export const planCommand: Command = {
  name: 'plan',
  about: 'Show the changes that up would make, as diffs, without making them.',
  example: 'kubestrap plan -i inventory.yaml --detailed-exitcode',
  options: {
    ...inventoryOption,
    ...limitOption,
    ...awayOption,
    ...outputOption,
    ...ignoreOption,
    'detailed-exitcode': {
      type: 'boolean',
      default: false,
      describe: 'exit with code 10 when there are changes',
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const limits = limitsOf(spec, values)
    return withReporting(withoutTree(values), async (reporting) => {
      warnOfVersion(spec, reporting)
      const session = await openSession(spec, {
        onCommand: reporting.onCommand,
        signal: reporting.signal,
        turn: { kind: 'look', patient: true },
        ...withoutHosts(spec, values, limits.chosen),
      })
      try {
        tellUnset(session.context.spec, reporting)
        warnOfOthers(session.hands, reporting)
        warnOfAway(session, reporting, limits.chosen)
        const { graph, plan } = await planWorkflow(up, session.context, {
          emit: reporting.emit,
          now: reporting.now,
          ignore: list(values, 'ignore-preflight'),
          ...limits,
        })
        printPlan(graph, plan, reporting)
        if (reporting.signal.aborted) return { exitCode: exitCodes.interrupted }
        const found = outlook(graph, plan)
        if (reporting.human) print(`${verdicts[found]} (${duration(reporting.now())}).\n`)
        return { exitCode: codeOf(found, values['detailed-exitcode'] === true) }
      } finally {
        await session.close()
      }
    })
  },
}

const verdicts: Readonly<Record<Outlook, string>> = {
  nothing: 'Nothing to change',
  changes: 'Nothing was changed; kubestrap up would make the changes above',
  unsure: 'Nothing was changed; not every step could be checked',
}

/** A plan that could not look everywhere is no success, whoever asks. */
export function codeOf(found: Outlook, detailed: boolean): number {
  if (found === 'unsure') return exitCodes.step
  return found === 'changes' && detailed ? exitCodes.planHasChanges : exitCodes.ok
}
