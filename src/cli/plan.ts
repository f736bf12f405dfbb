import type { Context } from '../cluster/context.js'
import { knownFingerprints } from '../cluster/pki/known-fingerprints.js'
import { type Outlook, outlook } from '../engine/plan.js'
import { exitCodes } from '../lib/errors.js'
import { duration } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { type Planned, planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session/session.js'
import { up } from '../workflows/up.js'
import { awayOption, warnOfAway, withoutHosts } from './away.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption, text } from './command.js'
import { inventoryOf, sameInventory } from './inventory.js'
import { warnOfOthers } from './other-runs.js'
import { encodePlan } from './plan/encode.js'
import type { PlanFile } from './plan/plan-file.js'
import { printPlan } from './plan/print-plan.js'
import { writePlan } from './plan/store.js'
import { limitOption, limitsOf } from './selection.js'
import { tellUnset, warnOfVersion } from './tell-versions.js'
import { version } from './version.js'
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
    out: {
      type: 'string',
      describe: 'also write the plan to this file, for kubestrap up --plan FILE (format: docs/plan.md)',
      requiresArg: true,
    },
    full: {
      type: 'boolean',
      default: false,
      describe: 'print every change of the birth of a cluster too, not its summary alone',
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
        const found = await planWorkflow(up, session.context, {
          emit: reporting.emit,
          now: reporting.now,
          ignore: list(values, 'ignore-preflight'),
          ...limits,
        })
        printPlan(found, { json: reporting.json, full: values.full === true })
        if (reporting.signal.aborted) return { exitCode: exitCodes.interrupted }
        const file = text(values, 'out')
        if (file !== '') await writePlan(file, planned(found, session.context, limits.chosen))
        const verdict = outlook(found.graph, found.plan)
        if (reporting.human) print(`${verdicts[verdict]} (${duration(reporting.now())}).\n`)
        if (reporting.human && file !== '')
          print(
            `The plan is in ${file}: kubestrap up${sameInventory(values)} --plan ${file} makes these changes, and no others.\n`,
          )
        return { exitCode: codeOf(verdict, values['detailed-exitcode'] === true) }
      } finally {
        await session.close()
      }
    })
  },
}

const verdicts: Readonly<Record<Outlook, string>> = {
  nothing: 'Nothing to change',
  changes: 'Nothing was changed; kubestrap up would make these changes',
  unsure: 'Nothing was changed; not every step could be checked',
}

/** A plan for a file. */
function planned(found: Planned, context: Context, chosen: ReadonlySet<string> | undefined): PlanFile {
  const { file, sha256 } = context.spec
  const ca = knownFingerprints(context)
  return encodePlan(found, {
    kubestrap: version(),
    made: context.now().toISOString(),
    inventory: { file, sha256 },
    cluster: ca ? { ca } : null,
    limit: chosen ? [...chosen] : null,
    salt: context.random(32).toString('hex'),
  })
}

/** A plan that could not look everywhere is no success, whoever asks. */
export function codeOf(found: Outlook, detailed: boolean): number {
  if (found === 'unsure') return exitCodes.step
  return found === 'changes' && detailed ? exitCodes.planHasChanges : exitCodes.ok
}
