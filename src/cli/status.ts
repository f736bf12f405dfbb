import { X509Certificate } from 'node:crypto'
import { errorFields } from '../engine/error-fields.js'
import { failedLooks } from '../engine/plan.js'
import { UserError } from '../lib/errors.js'
import { balancerRows } from '../operations/balancers.js'
import { type ComponentRow, componentRows } from '../operations/leaders.js'
import { certificates, etcdLoss, etcdMembers } from '../operations/status.js'
import type { Context } from '../phases/context.js'
import { table } from '../ui/format.js'
import { print, printJson } from '../ui/screen.js'
import { nodeRows } from '../verify/nodes-ready.js'
import { troubles } from '../verify/troubles.js'
import { planWorkflow } from '../workflows/execute.js'
import { openSession } from '../workflows/session.js'
import { up } from '../workflows/up.js'
import { type Command, inventoryOption } from './command.js'
import { inventoryOf } from './inventory.js'

const dayMs = 86_400_000
/** Certificates that end within this are pointed at. */
const soonDays = 30

export const statusCommand: Command = {
  name: 'status',
  about:
    'Nodes, leaders, etcd members, load balancers, days left of certificates, and whether the inventory still holds.',
  example: 'kubestrap status -i inventory.yaml',
  options: {
    ...inventoryOption,
    output: { alias: 'o', choices: ['plain', 'json'], default: 'plain', describe: 'json: one object' },
  },
  run: async (values) => {
    const spec = await inventoryOf(values)
    // a machine that is away is the very thing one wants to see; without any control plane nothing can be seen
    const session = await openSession(spec, {
      mayBeAway: () => true,
      withoutControlPlane: false,
      turn: { kind: 'look', patient: false },
    })
    try {
      const { context } = session
      const kube = await context.kube()
      const away = spec.hosts
        .map(({ name }) => name)
        .filter((name) => context.machines.every((machine) => machine.spec.name !== name))
      const [nodes, components, etcd, balancers, ends, drift, wrong] = await Promise.all([
        nodeRows(kube),
        componentRows(context),
        etcdMembers(context),
        balancerRows(context),
        certificates(context, (pem) => new Date(new X509Certificate(pem).validTo)),
        driftOf(context),
        troubles(context, kube),
      ])
      const problems = [
        ...away.map((name) => `${name} cannot be reached by SSH`),
        ...(session.hands?.others ?? []).map(({ host, text }) => `${host}: ${text}`),
        ...wrong,
        ...drift.failed,
        ...drift.strangers,
      ]
      const loss = etcdLoss(etcd)
      const days = (expires: Date): number => Math.floor((expires.getTime() - Date.now()) / dayMs)
      if (values.output === 'json') {
        const all = {
          nodes: nodes.map(([name, status, roles, version, address, runtime]) => ({
            name,
            status,
            roles,
            version,
            address,
            runtime,
          })),
          components,
          etcd,
          etcdLoss: loss ?? null,
          balancers,
          certificates: ends.map((one) => ({ ...one, daysLeft: days(one.expires) })),
          drift: drift.steps,
          notChecked: drift.failed.length,
          problems,
        }
        printJson(all, 2)
        return 0
      }
      const soon = ends.filter(({ expires }) => days(expires) < soonDays)
      const [first] = [...ends].sort((a, b) => a.expires.getTime() - b.expires.getTime())
      const parts = [
        table([['NODE', 'STATUS', 'ROLES', 'VERSION', 'ADDRESS', 'RUNTIME'], ...nodes]),
        table([['COMPONENT', 'VERSION', 'LEADER', 'RENEWED'], ...components.map(shown)]),
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
        soon.length === 0
          ? `${ends.length} certificates; the first to end is ${first?.name} on ${first?.host}, in ${first ? days(first.expires) : 0} days.`
          : table([
              ['CERTIFICATE', 'HOST', 'DAYS LEFT'],
              ...soon.map(({ name, host, expires }) => [name, host, String(days(expires))]),
            ]),
        ...(problems.length > 0 ? [['Wrong:', ...problems.map((one) => `  ${one}`)].join('\n')] : []),
        verdict(drift, problems, away),
      ]
      print(`${parts.join('\n\n')}\n`)
      return 0
    } finally {
      await session.close()
    }
  },
}

function shown({ name, versions, leader, renewedSecondsAgo, expired }: ComponentRow): string[] {
  const renewed = renewedSecondsAgo === undefined ? '-' : `${renewedSecondsAgo} s ago`
  const who = expired ? `nobody (${leader} is gone)` : leader || 'nobody'
  return [name, versions.join(', ') || '-', leader === undefined ? '-' : who, renewed]
}

/** The last sentence. */
function verdict(
  { steps: drift, failed }: Drift,
  problems: readonly string[],
  away: readonly string[],
): string {
  if (typeof drift === 'string') return drift
  const where = away.length > 0 ? ` (${away.join(', ')} not looked at)` : ''
  if (drift > 0) return `${drift} steps differ from the inventory${where}: kubestrap plan shows them.`
  if (failed.length > 0)
    return `${failed.length} steps could not be checked; whether the cluster is what the inventory says is not known${where}.`
  if (problems.length > 0) return `Machines and objects are what the inventory says${where}.`
  return `The cluster is what the inventory says${where}.`
}

interface Drift {
  /** How many steps of `up` would change something; with a refusal, what it says. */
  steps: number | string
  /** Looks that failed, a sentence each: of these steps nothing is known. */
  failed: readonly string[]
  /** Nodes that the inventory does not have. */
  strangers: readonly string[]
}

async function driftOf(context: Context): Promise<Drift> {
  try {
    const found = await planWorkflow(up, context, { emit: () => {}, now: () => 0, ignore: ['all'] })
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
