import { catalog } from '../catalog.js'
import { clusterRelease } from '../cluster/cluster-release.js'
import type { Context } from '../cluster/context.js'
import { planesFirst } from '../cluster/machine.js'
import type { RuntimeChange } from '../cluster/runtime-change.js'
import type { Upgrade } from '../cluster/upgrade.js'
import { explainer } from '../diagnose/explain.js'
import { errorFields } from '../engine/error-fields.js'
import type { Emit } from '../engine/events.js'
import type { Rollout } from '../engine/gates.js'
import { buildGraph, type Graph, type Node, restrict } from '../engine/graph.js'
import type { Workflow } from '../engine/phase.js'
import { type Finding, failedLooks, makePlan, outlook, type Plan } from '../engine/plan.js'
import { type Permits, type RunResult, refOf, runPlan } from '../engine/run.js'
import { clusterTarget } from '../engine/step.js'
import type { World } from '../engine/summary.js'
import type { Wanted } from '../host/transfer/transfers.js'
import type { UserError } from '../lib/errors.js'
import { alike, hostsText } from '../preflight/alike.js'
import { checks } from '../preflight/checks.js'
import { lookCloser } from '../preflight/closer.js'
import { etcdVersionRefusals } from '../preflight/etcd-version.js'
import { formerMembers } from '../preflight/former-members.js'
import { refuseWithout } from '../preflight/hosts-away.js'
import { readLiving } from '../preflight/read-living.js'
import { type OnDisk, readOnDisk } from '../preflight/read-on-disk.js'
import { refuseChanges } from '../preflight/refuse-changes.js'
import { refusePart } from '../preflight/refuse-part.js'
import { refusePartOfRuntimeChange, runtimeChangeWords } from '../preflight/refuse-runtime-change.js'
import { type Finding as CheckFinding, runChecks, stopOn } from '../preflight/run-checks.js'
import { runtimeChangeOf } from '../preflight/runtime-change-of.js'
import { type Leaves, type Living, strangers } from '../preflight/unchangeable.js'
import { upgradeOf } from '../preflight/upgrade-of.js'
import { leftBehind } from '../steps/reset/left-behind.js'
import { tellDrains } from '../steps/rollout/tell-drains.js'
import { checkUpgrade, upgradeCheckNames } from './check-upgrade.js'
import type { Hands } from './hands.js'
import { newcomersAtOnce } from './newcomers.js'
import { signs } from './signs.js'
import { inUpgradeOrder, upgradeWords } from './upgrade-order.js'
import { worldOf } from './world.js'

export interface ExecuteOptions {
  emit: Emit
  now(): number
  signal?: AbortSignal
  /** Preflight checks whose errors become warnings. */
  ignore: readonly string[]
  /** False for a workflow that takes machines and cluster as they are: no checks, nothing refused. */
  preflight?: boolean
  /** Whose the hosts are. Needed to apply. */
  hands?: Hands | undefined
  /** Which steps may be applied; all are looked at. Default all. */
  keep?: (node: Node, plan: Plan) => boolean
  /** Names of the hosts that `keep` is about, for steps that are about many hosts. Default all. */
  chosen?: ReadonlySet<string>
  /** Asked of what is about to be applied; default: everything may be. */
  permits?: Permits | undefined
}

/** A workflow that was looked at. */
export interface Planned {
  graph: Graph
  plan: Plan
  /** Nodes that the inventory does not have, and what else is left of an earlier one, a sentence each. */
  strangers: readonly string[]
  /** Who would feel an interruption. */
  world: World
}

/**
 * Looks at every step of a workflow, after preflight, and for nodes the inventory does not have (a sentence each).
 * Nothing is changed. Throws ChangedHands when another run, of those that change something, had the hosts meanwhile.
 */
export async function planWorkflow(
  workflow: Workflow<Context>,
  context: Context,
  options: ExecuteOptions,
): Promise<Planned> {
  if (options.preflight ?? true) await preflightChecks(context, options)
  return look(workflow, context, options)
}

async function look(
  workflow: Workflow<Context>,
  context: Context,
  options: ExecuteOptions,
): Promise<Planned> {
  const preflight = options.preflight ?? true
  const limited = options.chosen ? { ...context, chosen: options.chosen } : context
  const built = newcomersAtOnce(buildGraph(workflow.phases, limited), context)
  const whole = context.upgrade ? inUpgradeOrder(built, context, context.upgrade) : built
  const [looked, answer, disk, left, former] = await Promise.all([
    makePlan(whole, context),
    preflight ? readLiving(context) : undefined,
    preflight ? readOnDisk(context, signs) : undefined,
    preflight ? leftBehind(context) : [],
    preflight ? formerMembers(context) : [],
    // in the frame of the looks: what they saw is what is there
    options.hands?.mustBeSame(),
  ])
  const plan = tellDrains(context, whole, looked)
  const living = answer && 'living' in answer ? answer.living : undefined
  if (answer && disk) {
    refuseWithout(limited, answer)
    const guarded = failedLooks(whole, plan).some(({ node }) => node.step.guards)
    if ('silence' in answer && disk.living.length > 0)
      warn(
        options,
        `could not read the cluster from the API (${answer.silence}); read from the files of its nodes instead`,
      )
    const more = [...former, ...etcdVersionRefusals(context, disk.etcdTags)]
    refuseChanges(context.spec, answer, disk, { guarded, leaves: leavesFor(context), more })
    const upgrade = context.upgrade ? undefined : await upgradeIn(context, disk, living)
    const runtimeChange = context.runtimeChange ? undefined : runtimeChangeIn(context, disk, living)
    if (runtimeChange) {
      refusePartOfRuntimeChange(runtimeChange, upgrade, {
        to: context.runtime.id,
        some: options.keep !== undefined && options.chosen === undefined,
      })
      const text = runtimeChangeWords(runtimeChange, context.runtime.id, options.chosen)
      if (text !== undefined) options.emit({ type: 'message', at: options.now(), level: 'info', text })
      return look(workflow, { ...context, runtimeChange }, options)
    }
    if (upgrade) {
      refusePart(context, upgrade, { chosen: options.chosen, limited: options.keep !== undefined })
      options.emit({ type: 'message', at: options.now(), level: 'info', text: upgradeWords(upgrade) })
      // what was begun is gone on with: it may be what brings the API back
      if (living || !upgrade.begun) told(await checkUpgrade(context, upgrade, options.ignore), options)
      else
        warn(
          options,
          'the checks of upgrades were not run: the API does not answer, and the upgrade was begun',
        )
      return look(workflow, { ...context, upgrade }, options)
    }
  }
  const found = [...(living ? strangers(context.spec, living) : []), ...left]
  for (const text of found) warn(options, text)
  const { keep } = options
  const graph = keep ? restrict(whole, (node) => keep(node, plan)) : whole
  const kinds = graph.nodes.map((node) => plan.get(node.key)?.kind)
  const count = (of: Finding['kind']): number => kinds.filter((kind) => kind === of).length
  options.emit({
    type: 'planned',
    at: options.now(),
    converged: count('converged'),
    changes: count('differs'),
    unknown: count('unknown'),
    failed: count('failed'),
  })
  return { graph, plan, strangers: found, world: worldOf(context, living, disk) }
}

function runtimeChangeIn(
  context: Context,
  disk: OnDisk,
  living: Living | undefined,
): RuntimeChange | undefined {
  const found = runtimeChangeOf(context, disk, living, leavesFor(context))
  return (
    found && {
      from: catalog.runtimeFor(found.from, clusterRelease(context)),
      nodes: found.nodes,
      silent: living === undefined,
    }
  )
}

const leavesFor =
  (context: Context): Leaves =>
  (is, wanted) =>
    catalog.runtimes.some(
      (one) =>
        one.id === is &&
        one.problem(clusterRelease(context)) === undefined &&
        one.leaving?.for.includes(wanted) === true,
    )

async function upgradeIn(
  context: Context,
  disk: OnDisk,
  living: Living | undefined,
): Promise<Upgrade | undefined> {
  const nodes = living?.nodes ?? (disk.living.length > 0 ? await kubeletsOf(context) : [])
  return upgradeOf(context, { disk, nodes, silent: living === undefined })
}

/** What the kubelets of nodes would run, by their programs: where the API does not tell. What is not known is left out. */
async function kubeletsOf({ machines }: Context): Promise<{ name: string; kubelet: string }[]> {
  const found = await Promise.all(
    machines
      .filter(({ facts }) => facts.kubernetes)
      .map(async ({ spec: { name }, release }) => ({ name, kubelet: (await release.runs()).kubelet })),
  )
  return found.flatMap(({ name, kubelet }) =>
    typeof kubelet === 'object' && 'version' in kubelet ? [{ name, kubelet: `v${kubelet.version}` }] : [],
  )
}

async function preflightChecks(context: Context, options: ExecuteOptions): Promise<void> {
  const ignore = options.ignore.filter((name) => !upgradeCheckNames.has(name.toLowerCase()))
  told(runChecks(context, await lookCloser(context, false), checks, ignore), options)
}

/** Warns of what checks found. Throws UserError('preflight') for what must stop the run. */
function told(findings: readonly CheckFinding[], options: ExecuteOptions): void {
  for (const { check, what, next, severity, ignored, hosts } of alike(findings))
    if (severity === 'warning' || ignored) {
      const text = `[${check}] ${what} → ${next}`
      if (hosts.length === 1) warn(options, text, hosts[0])
      else warn(options, `${hostsText(hosts)}: ${text}`)
    }
  stopOn(findings)
}

function warn({ emit, now }: ExecuteOptions, text: string, host?: string): void {
  emit({ type: 'message', at: now(), level: 'warning', text, ...(host ? { host } : {}) })
}

/** How many failed looks are told one by one. */
const shownLooks = 5

/** Applies what a plan found different. Throws ChangedHands when another run had the hosts since they were looked at, UserError when one has the cluster's lock. */
export async function applyPlan(
  workflow: Workflow<Context>,
  context: Context,
  { graph, plan }: { graph: Graph; plan: Plan },
  options: ExecuteOptions,
): Promise<RunResult> {
  const failed = failedLooks(graph, plan)
  const guard = failed.find(({ node }) => node.step.guards)
  if (guard) throw guard.error
  if (outlook(graph, plan) !== 'nothing') {
    if (!options.hands) throw new Error('a run that changes something must be given its turn')
    await options.hands.take()
  }
  for (const { node, error } of failed.slice(0, shownLooks))
    warn(
      options,
      `could not check ${node.step.title}: ${errorFields(error).message}; it is checked again before it is changed`,
      node.step.target,
    )
  if (failed.length > shownLooks) warn(options, `could not check ${failed.length - shownLooks} more steps`)
  options.emit({
    type: 'run-started',
    at: options.now(),
    workflow: workflow.id,
    phases: graph.phases,
    steps: graph.nodes.map(refOf),
  })
  const explain = explainer({
    ...(options.signal ? { signal: options.signal } : {}),
    onTrouble: (step, why) => warn(options, `could not look for the cause: ${why}`, step.target),
  })
  context.transfers?.begin(wantedIn(graph, plan), (text, level) =>
    options.emit({ type: 'message', at: options.now(), level, text }),
  )
  try {
    const result = await runPlan(graph, plan, {
      ...options,
      explain,
      ended: () => options.hands?.lost?.message,
      sleep: context.sleep,
      rollout: rolloutOf(context),
    })
    return withLost(result, options.hands?.lost)
  } finally {
    await context.transfers?.end()
  }
}

/** A run that lost the cluster to another one and was not done says so. */
function withLost(result: RunResult, lost: UserError | undefined): RunResult {
  const done = [...result.statuses.values()].every((status) => status === 'ok' || status === 'changed')
  return lost && !done
    ? { ...result, errors: [...result.errors, { key: clusterTarget, error: lost }] }
    : result
}

/** Files that hosts will receive, as far as the plan knows; of what could not be looked at yet, all. */
function wantedIn(graph: Graph, plan: Plan): Wanted[] {
  const wanted = new Map<string, { sha256: string; bytes: number; hosts: string[] }>()
  for (const { key, step } of graph.nodes) {
    if (!step.receives || plan.get(key)?.kind === 'converged') continue
    const { sha256, bytes } = step.receives
    const one = wanted.get(sha256) ?? { sha256, bytes, hosts: [] }
    wanted.set(sha256, one)
    one.hosts.push(step.target)
  }
  return [...wanted.values()]
}

/**
 * Control planes, members and balancers are interrupted one after the other, whatever nodes may be; control plane nodes come
 * before the others, and those of each kind in the inventory's order.
 */
const rolloutOf = ({ spec: { rollout }, machines }: Context): Rollout => ({
  width: { node: rollout.maxUnavailable },
  maxFailed: { node: rollout.maxFailed },
  order: planesFirst(machines).map(({ spec }) => spec.name),
})
