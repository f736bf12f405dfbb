import type { Context } from '../cluster/context.js'
import { errorFields } from '../engine/error-fields.js'
import { failedLooks } from '../engine/plan.js'
import { exitCodes, UserError } from '../lib/errors.js'
import type { CertificateRow } from '../operations/certificates.js'
import type { ComponentRow } from '../operations/leaders.js'
import { type Drift, type Status, statusOf } from '../operations/status.js'
import { table } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'
import { type Planned, planWorkflow } from '../workflows/execute.js'
import { wayOut } from '../workflows/session/connect.js'
import { openSession } from '../workflows/session/session.js'
import { up } from '../workflows/up.js'
import { type Command, inventoryOption } from './command.js'
import { driftCode, driftReport, driftText } from './drift.js'
import { inventoryOf } from './inventory.js'

const dayMs = 86_400_000
/** A host that is off must not hold up what the others tell: two lost packets are waited for. */
const connectMs = 3_500

export const statusCommand: Command = {
  name: 'status',
  about:
    'Show nodes, leaders, etcd members, load balancers, days until certificates expire, and drift from the inventory. Exit code 7 when something is wrong.',
  example: 'kubestrap status -i inventory.yaml',
  options: {
    ...inventoryOption,
    drift: {
      type: 'boolean',
      default: false,
      describe:
        'only compare with the inventory: quiet and exit code 0 when it matches, 10 when something differs, 5 or 6 when something could not be checked',
    },
    output: { alias: 'o', choices: ['plain', 'json'], default: 'plain', describe: 'json: one object' },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    // a machine that is away is the very thing one wants to see; without any control plane nothing can be seen
    const session = await openSession(spec, {
      fetch: false,
      mayBeAway: () => true,
      withoutControlPlane: false,
      // what is half changed is no drift
      turn: { kind: 'look', patient: values.drift === true },
      connectMs,
    })
    try {
      const { context, away, hands } = session
      if (values.drift === true) {
        const found = await lookForDrift(context)
        const report = driftReport(found, away)
        if (values.output === 'json') printJson(report, 2)
        else print(driftText(report))
        return driftCode(found, away)
      }
      const status = await statusOf(context, { away, others: hands?.others ?? [], driftOf, wayOut })
      const names = away.map(({ spec: { name } }) => name)
      if (values.output === 'json') printJson(asJson(status, names), 2)
      else print(asText(status, names))
      return status.problems.length > 0 ? exitCodes.verification : exitCodes.ok
    } finally {
      await session.close()
    }
  },
}

const daysLeft = (expires: Date | undefined): number | null =>
  expires ? Math.floor((expires.getTime() - Date.now()) / dayMs) : null

/** A status as `-o json` prints it. */
export function asJson(status: Status, away: readonly string[]): object {
  return {
    api: { answers: status.apiDown === undefined, why: status.apiDown ?? null },
    away,
    nodes: status.nodes.map(([name, state, roles, version, address, runtime]) => ({
      name,
      status: state,
      roles,
      version,
      address,
      runtime,
    })),
    components: status.components,
    etcd: status.etcd,
    etcdLoss: status.etcdLoss ?? null,
    balancers: status.balancers,
    certificates: status.certificates.map((one) => ({ ...one, daysLeft: daysLeft(one.expires) })),
    hosts: status.hosts,
    drift: status.drift.steps,
    notChecked: status.drift.failed.length,
    problems: status.problems,
  }
}

function asText(status: Status, away: readonly string[]): string {
  const { nodes, components, etcd, etcdLoss: loss, balancers, hosts, problems } = status
  const parts = [
    ...(status.apiDown === undefined
      ? [
          table([['NODE', 'STATUS', 'ROLES', 'VERSION', 'ADDRESS', 'RUNTIME'], ...nodes]),
          table([['COMPONENT', 'VERSION', 'LEADER', 'RENEWED'], ...components.map(shown)]),
        ]
      : [
          table([
            ['HOST', 'KUBELET', 'RUNNING'],
            ...hosts.map(({ host, kubelet, running }) => [host, kubelet || '-', running.join(', ') || '-']),
          ]),
          ...hosts
            .filter(({ words }) => words.length > 0)
            .map(({ host, words }) => [`${host} says:`, ...words.map((line) => `  ${line}`)].join('\n')),
        ]),
    table([
      ['ETCD', 'STATE', 'ENDPOINT', 'VERSION', 'SIZE', ''],
      ...etcd.map(({ name, state, endpoint, version, size, detail }) => [
        name,
        state,
        endpoint,
        version,
        `${(size / 1048576).toFixed(1)} MiB`,
        detail,
      ]),
    ]),
    ...(loss === undefined ? [] : [`etcd: ${loss}.`]),
    ...(balancers.length === 0
      ? []
      : [
          table([
            ['LOAD BALANCER', 'API SERVERS UP', 'VIRTUAL IP', ''],
            ...balancers.map(({ host, up, virtualIp, detail }) => [
              host,
              up.join(', ') || '-',
              virtualIp ? 'here' : '-',
              detail,
            ]),
          ]),
        ]),
    certificatesText(status.certificates),
    ...(problems.length > 0 ? [['Wrong:', ...problems.map((one) => `  ${one}`)].join('\n')] : []),
    verdict(status.drift, problems, away),
  ]
  return `${parts.join('\n\n')}\n`
}

/** Those that need somebody, else one line. */
function certificatesText(rows: readonly CertificateRow[]): string {
  if (rows.length === 0) return 'No certificates were found.'
  const soon = rows.filter(({ state }) => state !== 'valid')
  const [first] = rows.toSorted((a, b) => (a.expires?.getTime() ?? 0) - (b.expires?.getTime() ?? 0))
  if (soon.length === 0)
    return `${rows.length} certificates; the first to expire is ${first?.name} on ${first?.host}, in ${daysLeft(first?.expires)} days.`
  const what = {
    valid: '',
    due: 'kubestrap up renews it now',
    expired: 'expired',
    unreadable: 'is not a certificate',
  }
  return table([
    ['CERTIFICATE', 'HOST', 'DAYS LEFT', ''],
    ...soon.map(({ name, host, expires, state }) => [
      name,
      host,
      String(daysLeft(expires) ?? '-'),
      what[state],
    ]),
  ])
}

function shown({ name, versions, leader, renewedSecondsAgo, expired }: ComponentRow): string[] {
  const renewed = renewedSecondsAgo === undefined ? '-' : `${renewedSecondsAgo} s ago`
  const who = expired ? `none (${leader} is gone)` : leader || 'nobody'
  return [name, versions.join(', ') || '-', leader === undefined ? '-' : who, renewed]
}

/** The last sentence. */
function verdict(
  { steps: drift, failed }: Drift,
  problems: readonly string[],
  away: readonly string[],
): string {
  if (typeof drift === 'string') return drift
  const where = away.length > 0 ? ` (${away.join(', ')} could not be checked)` : ''
  if (drift > 0) return `${drift} steps differ from the inventory${where}: run kubestrap plan to see them.`
  if (failed.length > 0)
    return `${failed.length} steps could not be checked; whether the cluster is what the inventory says is not known${where}.`
  if (problems.length > 0) return `Hosts and API objects match the inventory${where}.`
  return `The cluster matches the inventory${where}.`
}

/** What `up` would find, without a word. Throws UserError for what it would refuse. */
export const lookForDrift = (context: Context): Promise<Planned> =>
  planWorkflow(up, context, { emit: () => {}, now: () => 0, ignore: ['all'] })

/** How much of the inventory does not hold. Throws nothing that a user can do something about. */
export async function driftOf(context: Context): Promise<Drift> {
  try {
    const found = await lookForDrift(context)
    const failed = failedLooks(found.graph, found.plan).map(
      ({ node: { step }, error }) =>
        `could not check ${step.title} on ${step.target}: ${errorFields(error).message}`,
    )
    const differing = [...found.plan.values()].filter(({ kind }) => kind === 'differs' || kind === 'unknown')
    return { steps: differing.length, failed, strangers: found.strangers }
  } catch (error) {
    if (error instanceof UserError)
      return { steps: `${error.message}: ${error.why ?? ''}`, failed: [], strangers: [] }
    throw error
  }
}
