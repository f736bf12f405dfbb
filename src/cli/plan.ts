import { errorFields } from '../engine/error-fields.js'
import { hasChanges } from '../engine/plan.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { redact } from '../lib/secret.js'
import { changeLine, duration, indent } from '../ui/format.js'
import { planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session.js'
import { up } from '../workflows/up.js'
import { type Command, ignoreOption, inventoryOption, list, outputOption } from './command.js'
import { inventoryOf } from './inventory.js'
import { startReporting } from './reporting.js'

export const planCommand: Command = {
  name: 'plan',
  about: 'Show what up would change, as diffs, and change nothing.',
  example: 'kubestrap plan -i inventory.yaml --detailed-exitcode',
  options: {
    ...inventoryOption,
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
    const reporting = await startReporting({ ...values, output: values.output === 'json' ? 'json' : 'plain' })
    const session = await openSession(spec)
    try {
      const { graph, plan } = await planWorkflow(up, session.context, {
        emit: reporting.emit,
        now: reporting.now,
        ignore: list(values, 'ignore-preflight'),
      })
      const failed: string[] = []
      for (const node of graph.nodes) {
        const finding = plan.get(node.key)
        if (!finding || finding.kind === 'converged') continue
        if (reporting.json) {
          process.stdout.write(
            `${redact(JSON.stringify({ type: 'planned-step', key: node.key, title: node.step.title, ...finding, ...(finding.kind === 'failed' ? { error: errorFields(finding.error) } : {}) }))}\n`,
          )
        } else if (finding.kind === 'differs')
          for (const change of finding.changes)
            process.stdout.write(
              redact(
                `~ ${node.step.target}: ${changeLine(change)}\n${change.diff ? `${indent(change.diff.trimEnd(), '    ')}\n` : ''}`,
              ),
            )
        else if (finding.kind === 'unknown')
          process.stdout.write(
            `? ${node.step.target}: ${node.step.title}: known after apply (${finding.why})\n`,
          )
        if (finding.kind === 'failed') {
          const { message, why } = errorFields(finding.error)
          failed.push(`${node.key}: ${message}${why ? `\n  ${why}` : ''}`)
        }
      }
      if (failed.length > 0)
        throw new UserError('step', `${failed.length} steps could not be looked at`, {
          why: failed.join('\n'),
          next: 'nothing was changed',
        })
      const changes = hasChanges(plan)
      if (reporting.signal.aborted) {
        await reporting.finish(exitCodes.interrupted, {})
        return exitCodes.interrupted
      }
      const code = changes && values['detailed-exitcode'] === true ? exitCodes.planHasChanges : exitCodes.ok
      if (reporting.human)
        process.stdout.write(
          `${changes ? 'Nothing was changed; kubestrap up would do the above' : 'Nothing to change'} (${duration(reporting.now())}).\n`,
        )
      await reporting.finish(code, {})
      return code
    } finally {
      await session.close()
    }
  },
}
