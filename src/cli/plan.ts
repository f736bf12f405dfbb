import { hasChanges } from '../engine/plan.js'
import { exitCodes } from '../lib/errors.js'
import { duration } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session.js'
import { up } from '../workflows/up.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption } from './command.js'
import { inventoryOf } from './inventory.js'
import { printPlan } from './print-plan.js'
import { keepLimited, limitOption } from './selection.js'
import { withoutTree, withReporting } from './with-reporting.js'

export const planCommand: Command = {
  name: 'plan',
  about: 'Show what up would change, as diffs, and change nothing.',
  example: 'kubestrap plan -i inventory.yaml --detailed-exitcode',
  options: {
    ...inventoryOption,
    ...limitOption,
    ...outputOption,
    ...ignoreOption,
    'detailed-exitcode': {
      type: 'boolean',
      default: false,
      describe: 'exit 10 when there is something to change',
    },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    const keep = keepLimited(spec, values)
    return withReporting(withoutTree(values), async (reporting) => {
      const session = await openSession(spec, { onCommand: reporting.onCommand })
      try {
        const { graph, plan } = await planWorkflow(up, session.context, {
          emit: reporting.emit,
          now: reporting.now,
          ignore: list(values, 'ignore-preflight'),
          ...(keep ? { keep } : {}),
        })
        printPlan(graph, plan, reporting)
        if (reporting.signal.aborted) return { exitCode: exitCodes.interrupted }
        const changes = hasChanges(graph, plan)
        if (reporting.human)
          print(
            `${changes ? 'Nothing was changed; kubestrap up would do the above' : 'Nothing to change'} (${duration(reporting.now())}).\n`,
          )
        const tell = changes && values['detailed-exitcode'] === true
        return { exitCode: tell ? exitCodes.planHasChanges : exitCodes.ok }
      } finally {
        await session.close()
      }
    })
  },
}
