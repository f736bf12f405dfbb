import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { basename, resolve } from 'node:path'
import { errorFields } from '../engine/error-fields.js'
import { failedLooks } from '../engine/plan.js'
import { exitCodes, isBug, UserError } from '../lib/errors.js'
import { shortly } from '../operations/look.js'
import { statusOf } from '../operations/status.js'
import { type Entry, writeArchive } from '../operations/support/archive.js'
import { hostEntries } from '../operations/support/host-entries.js'
import { runLogs } from '../operations/support/run-logs.js'
import { logDirectory } from '../ui/log-file.js'
import { print } from '../ui/screen.js'
import type { Planned } from '../workflows/execute.js'
import { wayOut } from '../workflows/session/connect.js'
import { openSession, type Session } from '../workflows/session/session.js'
import { asUserError } from './as-user-error.js'
import { type Command, inventoryOption, text } from './command.js'
import { inventoryOf } from './inventory.js'
import { plannedSteps } from './plan/encode.js'
import { asJson, driftOf, lookForDrift } from './status.js'
import { version } from './version.js'

/** As for status: a host that is off must not hold up the others. */
const connectMs = 3_500

export const supportBundleCommand: Command = {
  name: 'support-bundle',
  about:
    'Write one archive for a report: logs, facts, plan, status, journals and container logs of every host that answers, without secrets. Nothing is changed.',
  example: 'kubestrap support-bundle -i inventory.yaml -o report.tar.gz',
  options: {
    ...inventoryOption,
    file: {
      alias: 'o',
      type: 'string',
      describe: 'file to write (default: kubestrap-support-TIME.tar.gz); an existing one is never replaced',
      requiresArg: true,
    },
  },
  run: async (values) => {
    const stamp = new Date().toISOString().replace(/[:.]/g, '-')
    const directory = `kubestrap-support-${stamp}`
    const path = text(values, 'file') || `${directory}.tar.gz`
    const told: string[] = []
    const cluster = await ofCluster(values, told)
    const entries: Entry[] = [
      {
        name: 'version.json',
        json: { kubestrap: version(), node: process.version, platform: process.platform },
      },
      ...ofInventory(resolve(text(values, 'inventory'))),
      ...cluster,
      ...runLogs(logDirectory(process.env, homedir()), resolve(text(values, 'inventory'))),
    ]
    await writeArchive(resolve(path), directory, [{ name: 'README.txt', text: readme(told) }, ...entries])
    for (const line of told) print(`${line}\n`)
    print(
      `${path} has ${entries.length + 1} files, without secrets as far as kubestrap knows them; names and addresses of hosts are in it. Look through it before you publish it.\n`,
    )
    return exitCodes.ok
  },
}

/** The inventory's text, also where it cannot be read as one. */
function ofInventory(path: string): Entry[] {
  try {
    return [{ name: `inventory/${basename(path)}`, inventory: readFileSync(path, 'utf8') }]
  } catch (error) {
    return [{ name: 'inventory/failed.txt', text: `${shortly(error)}\n` }]
  }
}

/**
 * What hosts and API tell. What cannot be looked at is told, and named in the archive: a report is wanted most where things do
 * not work.
 */
async function ofCluster(values: Record<string, unknown>, told: string[]): Promise<Entry[]> {
  let session: Session
  try {
    session = await openSession(await inventoryOf(values), {
      fetch: false,
      mayBeAway: () => true,
      connectMs,
      turn: { kind: 'look', patient: false },
    })
  } catch (thrown) {
    const error = asUserError(thrown)
    if (!(error instanceof UserError)) throw error
    told.push(`The hosts were not looked at: ${shortly(error)}`)
    return [{ name: 'hosts/failed.json', json: errorFields(error) }]
  }
  try {
    const { context, away, hands } = session
    for (const { spec, error } of away) told.push(`${spec.name} was not looked at: ${shortly(error)}`)
    const [hosts, status, plan] = await Promise.all([
      Promise.all(context.machines.map((machine) => hostEntries(machine, context.runtime))),
      orFailed('status.json', async () =>
        asJson(
          await statusOf(context, { away, others: hands?.others ?? [], driftOf, wayOut }),
          away.map(({ spec: { name } }) => name),
        ),
      ),
      orFailed('plan.json', async () => stepsOf(await lookForDrift(context))),
    ])
    const missing = away.map(({ spec, error }) => ({
      name: `hosts/${spec.name}/away.txt`,
      text: `${shortly(error)}\n`,
    }))
    return [...hosts.flat(), ...missing, status, plan]
  } finally {
    await session.close()
  }
}

async function orFailed(name: string, look: () => Promise<unknown>): Promise<Entry> {
  try {
    return { name, json: await look() }
  } catch (error) {
    if (isBug(error)) throw error
    return { name, json: { couldNotLook: errorFields(asUserError(error)) } }
  }
}

/** Steps that differ or are not known, with what would be done to what, and without the contents of files. */
function stepsOf({ graph, plan }: Planned): object[] {
  const planned = plannedSteps(graph, plan, randomBytes(16).toString('hex')).map((step) =>
    step.kind === 'differs'
      ? {
          ...step,
          digest: undefined,
          changes: step.changes.map((change) => ({ ...change, diff: undefined })),
        }
      : step,
  )
  const failed = failedLooks(graph, plan).map(({ node: { key, step }, error }) => ({
    key,
    host: step.target,
    kind: 'failed',
    error: errorFields(error),
  }))
  return [...planned, ...failed]
}

const readme = (told: readonly string[]): string => `Made by kubestrap support-bundle.

version.json    versions of kubestrap and Node.js
inventory/      the inventory; values that sound like secrets are masked, references to secrets stay; files it includes are not here
status.json     as kubestrap status -o json
plan.json       what kubestrap up would change, without contents of files
hosts/NAME/     facts, states of units, the last 500 lines of journals, the ends of container logs
logs/           logs of the last runs of kubestrap with this inventory

${told.length === 0 ? 'Every host answered.' : told.join('\n')}
`
