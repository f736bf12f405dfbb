import { randomBytes } from 'node:crypto'
import type { Options } from 'yargs'
import { roughly } from '../../lib/time.js'
import { print, tell } from '../../ui/screen.js'
import { type RolloutKind, rollout } from '../../workflows/rollout.js'
import { withoutHosts } from '../away.js'
import { durationOf, inventoryOption, outputOption } from '../command.js'
import { converge } from '../converge.js'
import { drainOf, drainOptions } from '../drain-options.js'
import { inventoryOf } from '../inventory.js'
import { otherRunsOption } from '../other-runs.js'
import { cannotAsk } from '../plan/confirm.js'
import { changesInShort, printSteps, refuseFailed } from '../plan/print-plan.js'
import { canAsk, saysYes } from '../questions.js'
import { chosenHosts, hostsOptions } from './hosts.js'

const { timeout: drainTimeout, ...howToDrain } = drainOptions

/** Options of every rollout. */
export const rolloutOptions = {
  ...inventoryOption,
  ...hostsOptions,
  yes: { alias: 'y', type: 'boolean', default: false, describe: 'do not ask for confirmation' },
  timeout: {
    type: 'string',
    default: '10m',
    describe: 'time limit for one host until it works again',
    requiresArg: true,
  },
  'drain-timeout': drainTimeout,
  ...howToDrain,
  again: {
    type: 'boolean',
    default: false,
    describe:
      'do not continue an earlier run of the same command that was interrupted: hosts that it has done are done again',
  },
  ...outputOption,
  ...otherRunsOption,
} satisfies Record<string, Options>

/** Runs a rollout from the inventory to the last word, after a question. @param verb what it does, in the question */
export async function runRollout(
  values: Record<string, unknown>,
  { kind, verb, nodesOnly }: { kind: RolloutKind; verb: string; nodesOnly: boolean },
): Promise<number> {
  const spec = await inventoryOf(values)
  const hosts = chosenHosts(spec, values, nodesOnly)
  const resumed = new Set<string>()
  const told = (text: string): void => {
    if (!resumed.has(text)) tell(`${text}\n`)
    resumed.add(text)
  }
  return converge(spec, values, {
    workflow: rollout({
      kind,
      hosts,
      drain: drainOf(spec, { ...values, timeout: values['drain-timeout'] }),
      withinMs: durationOf(values, 'timeout', '90s, 10m or 1h'),
      id: randomBytes(8).toString('hex'),
      again: values.again === true,
      onResumed: (begun, done) => told(resumedWords(begun, done, new Date())),
    }),
    preflight: false,
    ...withoutHosts(spec, values, new Set(hosts)),
    chosen: new Set(hosts),
    confirm: async ({ graph, plan, world }, { human }) => {
      if (values.yes === true) return true
      const canBeAsked = human && canAsk()
      if (canBeAsked) printSteps({ graph, plan })
      refuseFailed({ graph, plan })
      if (!canBeAsked)
        throw cannotAsk(`this ${verb} ${hosts.join(', ')}`, changesInShort({ graph, plan, world }))
      print('\n')
      return saysYes(`This ${verb} the hosts above. Type yes to continue: `)
    },
  })
}

/** That a request is gone on with, in a sentence. Pure. */
export function resumedWords(begun: string, done: readonly string[], now: Date): string {
  const ago = roughly(now.getTime() - Date.parse(begun))
  const left = done.length > 0 ? `already done: ${done.join(', ')}` : 'nothing of it is done yet'
  return `continuing the same rollout, begun ${ago} ago; ${left} (--again does it again)`
}
