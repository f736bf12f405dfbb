import type { Options } from 'yargs'
import { type Context, controlPlanes } from '../cluster/context.js'
import { isNode } from '../cluster/machine.js'
import { exitCodes, UserError } from '../lib/errors.js'
import { look } from '../operations/look.js'
import { duration, table } from '../ui/format.js'
import { print } from '../ui/screen.js'
import { nodeRows } from '../verify/nodes-ready.js'
import { verifyCluster } from '../verify/verify-cluster.js'
import { openSession } from '../workflows/session/session.js'
import { awayOption, warnOfAway, withoutHosts } from './away.js'
import { checkEvent } from './check-event.js'
import { type Command, checksOutputOption, inventoryOption } from './command.js'
import { conformanceOptions, runConformance, wantsConformance } from './conformance.js'
import { inventoryOf } from './inventory.js'
import type { Reporting } from './reporting.js'
import { withoutTree, withReporting } from './with-reporting.js'

export const verifyOption = {
  verify: {
    type: 'boolean',
    default: true,
    describe: 'verify the cluster at the end; --no-verify skips the verification',
  },
} satisfies Record<string, Options>

/** Verification after a run, unless it was declined. Where nothing was changed nothing is started either. */
export function verifyThen(
  values: Record<string, unknown>,
): (context: Context, reporting: Reporting, changed: number) => Promise<number> {
  return async (context, reporting, changed) => {
    if (values.verify === false) {
      const text = await notVerified(context)
      reporting.emit({ type: 'message', at: reporting.now(), level: 'warning', text })
      return exitCodes.ok
    }
    const [first] = controlPlanes(context)
    // a run that was not verified to the end leaves a mark: the next one tries everything, changed or not
    const marked = (await first?.host.stat(unverified))?.kind === 'file'
    if (changed === 0 && !marked) return verify(context, reporting, true)
    const mark = async (script: string): Promise<void> => {
      // its loss costs a verification, no more
      await first?.host.connection.run({ script, args: [unverified], timeoutMs: 10_000 })
    }
    await mark('mkdir -p "$(dirname "$1")" && : >"$1"')
    const code = await verify(context, reporting)
    if (code === exitCodes.ok) await mark('rm -f -- "$1"')
    return code
  }
}

/** What a run that nobody verifies says of the nodes of its inventory, by one look. */
export async function notVerified(context: Context): Promise<string> {
  const rows = await look(
    'whether nodes are ready',
    5_000,
    context.kube().then((kube) => nodeRows(kube)),
  )
  if ('couldNot' in rows) return `not verified (--no-verify); ${rows.couldNot}`
  const ready = rows.found.flatMap(([name, status]) => (status?.startsWith('Ready') ? [name] : []))
  const names = context.machines.filter(isNode).map(({ spec }) => spec.name)
  const missing = names.filter((name) => !ready.includes(name))
  return missing.length === 0
    ? 'not verified (--no-verify)'
    : `not verified (--no-verify), and not ready: ${missing.join(', ')}`
}

/** On the first control plane: what was changed there and then was not seen to work. */
const unverified = '/run/kubestrap/unverified'

async function verify(
  context: Context,
  reporting: Reporting,
  lookOnly = false,
  seed?: number,
): Promise<number> {
  const results = await verifyCluster(context, {
    now: reporting.now,
    signal: reporting.signal,
    lookOnly,
    ...(seed === undefined ? {} : { seed }),
    onWaiting: (what, ms) =>
      reporting.emit({
        type: 'message',
        at: reporting.now(),
        level: 'info',
        text: `still waiting after ${duration(ms)}: ${what.slice(0, 300)}`,
      }),
    onResult: (result) => reporting.emit(checkEvent(result, reporting.now())),
  })
  if (reporting.human && results.nodes.length > 0)
    print(`\n${table([['NODE', 'STATUS', 'ROLES', 'VERSION', 'ADDRESS', 'RUNTIME'], ...results.nodes])}\n`)
  if (reporting.signal.aborted) return exitCodes.interrupted
  return results.passed ? exitCodes.ok : exitCodes.verification
}

const seedOption = {
  seed: {
    type: 'string',
    requiresArg: true,
    describe: 'of more than ten Pods ask each other those that an earlier verification chose and named',
  },
} satisfies Record<string, Options>

/** The number of `--seed`; undefined without it. Throws UserError('usage'). */
function seedOf({ seed }: Record<string, unknown>): number | undefined {
  if (seed === undefined) return undefined
  if (typeof seed === 'string' && /^[0-9a-f]{1,8}$/i.test(seed)) return Number.parseInt(seed, 16)
  throw new UserError('usage', `--seed is up to eight hexadecimal digits, not ${seed}`)
}

export const verifyCommand: Command = {
  name: 'verify',
  about:
    'Verify that the cluster works: components, Pod network, Services, Jobs, logs, exec; test objects are removed.',
  example: 'kubestrap verify -i inventory.yaml',
  options: { ...inventoryOption, ...awayOption, ...checksOutputOption, ...seedOption, ...conformanceOptions },
  run: async (values) => {
    const seed = seedOf(values)
    if (wantsConformance(values)) return runConformance(values)
    const spec = await inventoryOf(values)
    return withReporting(withoutTree(values), async (reporting) => {
      const session = await openSession(spec, {
        bundle: false,
        onCommand: reporting.onCommand,
        signal: reporting.signal,
        ...withoutHosts(spec, values, undefined),
      })
      try {
        warnOfAway(session, reporting, undefined, 'it is not verified')
        const exitCode = await verify(session.context, reporting, false, seed)
        const verdict = exitCode === exitCodes.ok ? 'The cluster works' : 'The cluster does not work'
        return {
          exitCode,
          lastWords: () => {
            if (reporting.human && exitCode !== exitCodes.interrupted)
              print(`${verdict} (${duration(reporting.now())}).\n`)
          },
        }
      } finally {
        await session.close()
      }
    })
  },
}
