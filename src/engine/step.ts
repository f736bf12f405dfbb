import type { Effect, Reader } from './effect.js'
import type { Transaction } from './transaction.js'

/**
 * What a change does to its subject. Decisions are taken by it: who waits for its turn, what restarts.
 * - `create`, `update`, `access` (mode or owner alone), `remove`: files, API objects, settings
 * - `install`: packages, programs, images
 * - `renew`: a certificate or key that is there
 * - `enable`, `disable`, `start`, `stop`, `restart`, `reload`: units, Pods, swap, modules
 * - `join`: a node or an etcd member to its cluster
 * - `wait`: nothing of ours; others bring it about
 */
export type ChangeKind =
  | 'create'
  | 'update'
  | 'access'
  | 'remove'
  | 'install'
  | 'renew'
  | 'enable'
  | 'disable'
  | 'start'
  | 'stop'
  | 'restart'
  | 'reload'
  | 'join'
  | 'wait'

/** What is to be done, for decisions: all that an apply is given, so that none is ever taken from words. */
export interface Work {
  kind: ChangeKind
  /** What it is done to, where the step itself does not say: paths, units, packages. */
  subjects?: readonly string[]
}

/** One difference between what is and what should be; what `plan` prints. */
export interface Change extends Work {
  /** One line: "write /etc/docker/daemon.json", "start docker.service". */
  summary: string
  /** A unified diff, without key material. */
  diff?: string
  /** What else this will cause: the kubelet restarts. */
  effects?: readonly Effect[]
}

/**
 * What must have happened before a step may start.
 * - `host/step-id`: that step
 * - `host/@phase`: every step of that phase on that host
 * - `host/kind:*`: every step there whose id begins so
 * - a star as host: the same on every target
 */
export type Need = string

/** What a step takes away from the cluster while it is applied; so many at a time per kind, settled before the next. */
export type Disruption = 'etcd' | 'api' | 'node' | 'balancer'

/** A way to say how far something is. */
export interface ApplyContext {
  progress(message: string): void
  /** Aborted when the run is told to stop: a long wait for others then ends early. */
  signal?: AbortSignal | undefined
  /** Why the run may change nothing more, in what a host does not refuse by itself: another run has the cluster. */
  ended?: (() => string | undefined) | undefined
}

/** What an apply is given besides the changes. */
export interface Applying<Observed> extends ApplyContext {
  /** What was seen when these changes were found. */
  observed: Observed
}

/** What a look is for. */
export interface Look {
  /** A plan; otherwise it is in the run, when all that the step waits for has ended. */
  planning: boolean
  /** The step was applied in this run, and its effect is looked for. */
  applied: boolean
}

/**
 * One convergent thing on one target. The engine probes, diffs, applies, and probes again until the
 * diff is empty; a step only knows its own subject. Between the three it keeps nothing: what a look has learned is in
 * what it observed.
 */
export interface Step<Observed = unknown> {
  /** Stable and unique on its target: "file:/etc/containerd/config.toml". */
  id: string
  /** What it is about, for people: "containerd configuration". */
  title: string
  /** Host name, or `cluster` for the Kubernetes API. */
  target: string
  /** The node it is about, where that is not its target: of an API object. */
  node?: string
  /** The nodes it is about beside its target: of routes. A list that steps share. */
  nodes?: readonly string[]
  /**
   * Looks, and changes nothing. Absence is a value; failing to look throws; NotYet when it is too early.
   * @param look default: in the run, before an apply
   */
  probe(look?: Look): Promise<Observed>
  /** Pure, but for the values of other steps that it reads (Late). Empty means converged. Throws for what is refused. */
  diff(observed: Observed): readonly Change[]
  /**
   * Hands on what other steps need of what was seen: a Late. Called once after each look in which nothing was refused,
   * with what differs, in a plan in the graph's order: before the diff of whatever waits for it.
   */
  learn?(observed: Observed, changes: readonly Work[]): void
  /**
   * Takes back what `learn` has noted besides Lates, which the next look sets anew: called of every step before a plan is
   * looked for, so that a plan never rests on what an earlier one found.
   */
  forget?(): void
  /** Makes the changes. Must be safe to repeat after a cut anywhere. */
  apply(changes: readonly Work[], context: Applying<Observed>): Promise<void>
  /** How long the verification may wait for the diff to become empty. Without it: no wait. */
  settle?: { withinMs: number; everyMs: number }
  /** A file that its apply sends to its target, by digest (hex SHA-256), and the bytes that travel. */
  receives?: { sha256: string; bytes: number }
  /** Without needs a step follows the earlier phases on its own target; steps of one phase have no order. */
  needs?: readonly Need[]
  /** What it starts, and starts again when something that is read by it was changed: what effects of other steps here name. */
  restarts?: Reader
  /** What its apply marks for a restart: units, static Pods and what else reads what it changes. */
  marks?: readonly string[]
  /** Of what was seen when changes were found, that which the changes do not show, for a digest: never printed. */
  unshown?(observed: Observed): string
  /** What must have ended first, whether it succeeded or not, unless none of it did: for work on whatever came about. */
  follows?: readonly Need[]
  /** What it guards against must stop the whole run: when it cannot be looked at, nothing is changed anywhere. */
  guards?: true
  /** It brings what waits for its turn, and changes nothing that is in use. */
  prepares?: true
  /** It applies nothing and only waits for what others bring about: never counted as a change. */
  waits?: true
  /**
   * Looks, after it failed, for what would tell the cause: logs, states. Lines as the machine has them, the
   * most telling last; asked once, and its own failure hides nothing.
   * @param ageMs how long ago this step began, or the run where it waits: what is older has another cause
   */
  evidence?(ageMs: number): Promise<string>
  /** It only adds to what is there: the turn it takes is one among those that interrupt, and it interrupts nothing. */
  adds?: true
  /** What these changes take away meanwhile, if anything. */
  disrupts?(changes: readonly Work[]): Disruption | undefined
  /** What is away while it is interrupted, where it takes the turn of something else: default what it disrupts. */
  felt?: Disruption
  /** The steps with which it is entered and left as one, when a change inside interrupts something. */
  within?: Transaction
  /** Whether these changes, which interrupt something, end what runs there: it is moved away before. */
  vacates?(changes: readonly Work[]): boolean
  /**
   * Takes back what entering its transaction did, in this run or in one that was cut: it runs also where other
   * steps of the transaction failed, and where the run was told to stop.
   */
  leaves?: true
}

/** Changes in words, for messages. */
export function inWords(changes: readonly Change[]): string {
  return changes.map(({ summary }) => summary).join('; ')
}

/** `target/id`, the name of a step in graphs, events and needs. */
export function stepKey(step: Pick<Step, 'target' | 'id'>): string {
  return `${step.target}/${step.id}`
}

/** The target of steps that act on the Kubernetes API rather than on a host. */
export const clusterTarget = 'cluster'
