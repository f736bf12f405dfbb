import type { Context } from '../cluster/context.js'
import { NotYet } from '../engine/late.js'
import { urlHost } from '../lib/url-host.js'
import { within } from '../lib/within.js'
import { nodeRows } from '../verify/nodes-ready.js'
import { troubles } from '../verify/troubles.js'
import { type BalancerRow, balancerRows } from './balancers.js'
import { type CertificateRow, certificateRows, certificateTroubles } from './certificates.js'
import type { EtcdRow } from './etcd-row.js'
import { etcdLoss, etcdMembers } from './etcd-rows.js'
import { type HostRow, hostRows } from './host-rows.js'
import { type ComponentRow, componentRows } from './leaders.js'
import { look, shortly } from './look.js'

/** What a cluster looks like, as far as it can be seen. */
export interface Status {
  /** Why the Kubernetes API cannot be asked; undefined when it answers. */
  apiDown: string | undefined
  nodes: string[][]
  components: ComponentRow[]
  etcd: EtcdRow[]
  etcdLoss: string | undefined
  balancers: BalancerRow[]
  certificates: CertificateRow[]
  /** The hosts themselves: only looked at closely when the API cannot be asked. */
  hosts: HostRow[]
  drift: Drift
  /** What is wrong, or could not be checked, a sentence each. */
  problems: string[]
}

export interface Drift {
  /** How many steps of `up` would change something; a sentence when that cannot be said. */
  steps: number | string
  /** Looks that failed, a sentence each: of these steps nothing is known. */
  failed: readonly string[]
  /** Nodes that the inventory does not have. */
  strangers: readonly string[]
}

export interface Away {
  spec: { name: string; state?: 'up' | 'down' }
  error: unknown
}

/** What a status is made of beside the cluster itself. */
export interface StatusSources {
  away: readonly Away[]
  /** Other runs of kubestrap that are at work, a sentence each. */
  others: readonly { host: string; text: string }[]
  /** How much of the inventory does not hold. */
  driftOf(context: Context): Promise<Drift>
  /** What to do about a host that will not come back. */
  wayOut(name: string): string
}

/** An API server on a host that is reached says in milliseconds whether it is ready, and one that is gone is refused at once: a busy host has this long. */
const readyMs = 10_000
/** No look takes longer on a cluster that is well, however busy. */
const patienceMs = 20_000

/**
 * Looks at a cluster from all sides at once. A side that cannot be seen is told as such and hides no other; without
 * the API the hosts are asked for what they know.
 */
export async function statusOf(
  context: Context,
  { away, others, driftOf, wayOut }: StatusSources,
): Promise<Status> {
  const problems = away.map(({ spec: { name, state }, error }) =>
    state === 'down'
      ? `${name}: ${shortly(error)} → remove it when ${name} is back; ${wayOut(name)}`
      : `${name} cannot be reached: ${shortly(error)} → start it; ${wayOut(name)}`,
  )
  const side = async <T>(what: string, none: T, work: Promise<T>): Promise<T> => {
    const seen = await look(what, patienceMs, work)
    if ('found' in seen) return seen.found
    problems.push(seen.couldNot)
    return none
  }
  const apiDown = await apiMissing(context)
  const answers = apiDown === undefined
  const kube = async () => context.kube()
  const noDrift: Drift = {
    steps: answers
      ? 'Whether the inventory still holds could not be checked.'
      : 'Whether the inventory still holds cannot be said while the Kubernetes API does not answer.',
    failed: [],
    strangers: [],
  }
  const [nodes, components, etcd, balancers, certificates, hosts, drift, wrong] = await Promise.all([
    answers ? side('nodes', [], kube().then(nodeRows)) : [],
    answers ? side('leaders', [], componentRows(context)) : [],
    side('etcd', [], etcdMembers(context)),
    side('load balancers', [], balancerRows(context)),
    side('certificates', [], certificateRows(context)),
    // without the API there is nothing to ask it for, and what the hosts know counts
    answers ? [] : side('hosts', [], hostRows(context)),
    answers ? side('the inventory', noDrift, driftOf(context)) : noDrift,
    answers
      ? side(
          'system Pods',
          [],
          kube().then((client) => troubles(context, client)),
        )
      : [],
  ])
  return {
    apiDown,
    nodes,
    components,
    etcd,
    etcdLoss: etcdLoss(etcd),
    balancers,
    certificates,
    hosts,
    drift,
    problems: [
      ...(apiDown === undefined ? [] : [`the Kubernetes API does not answer: ${apiDown}`]),
      ...problems,
      ...others.map(({ host, text }) => `${host}: ${text}`),
      ...wrong,
      ...certificateTroubles(certificates),
      ...drift.failed,
      ...drift.strangers,
      ...strangeMembers(context.spec, etcd),
    ],
  }
}

/** Why the API cannot be asked, in words; undefined when it can. Throws NotYet where there is no cluster. */
async function apiMissing(context: Context): Promise<string | undefined> {
  try {
    const kube = await within(readyMs, context.kube())
    const { status, body } = await kube.text('/readyz', { timeoutMs: readyMs })
    if (status === 401) return 'it does not accept the administrator of admin.conf (401)'
    // one that is not ready may be able to answer all the same
    return status < 500
      ? undefined
      : `it answers ${status} to /readyz: ${body.trim().split('\n').at(-1) ?? ''}`
  } catch (error) {
    if (error instanceof NotYet) throw error
    return shortly(error)
  }
}

/** Members of etcd on no host of the inventory, a sentence each; of an etcd that is not ours every one is. */
export function strangeMembers(
  { etcd: { external }, hosts }: Pick<Context['spec'], 'etcd' | 'hosts'>,
  rows: readonly EtcdRow[],
): string[] {
  if (external && !hosts.some(({ roles }) => roles.includes('etcd'))) return []
  const own = new Set(hosts.map(({ address }) => address))
  return rows.flatMap(({ name, endpoint }) => {
    const address = urlHost(endpoint)
    return own.has(address)
      ? []
      : [
          `etcd member ${name} (${address}) is on no host of the inventory: kubestrap reset ${address} removes it; if its host is lost: kubestrap reset --gone ${address}`,
        ]
  })
}
