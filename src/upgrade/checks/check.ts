import type { Context } from '../../cluster/context.js'
import type { Problem as InventoryProblem } from '../../inventory/problem.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import type { Release } from '../../kubernetes/releases/release.js'
import type { CertificateRow } from '../../operations/certificates.js'
import type { EtcdRow } from '../../operations/etcd-row.js'
import type { Problem } from '../../preflight/check.js'
import type { Closer } from '../../preflight/closer.js'
import type { ConfigurationFile } from '../configuration-files.js'
import type { DeprecatedRequest } from '../deprecated-requests.js'
import type { Hop } from '../hops.js'
import type { OldWriting } from '../last-writers.js'

/** What a look found, or why it could not look: "could not check …: …". */
export type Looked<T> = { found: T } | { couldNot: string }

/** A Node as the API has it. */
export interface NodeState {
  name: string
  ready: boolean
  /** Why it is not, in its kubelet's words. */
  message: string
  cordoned: boolean
}

/** Objects of an API that goes with the first hop. */
export interface GoneObjects {
  apiVersion: string
  resource: string
  /** Undefined: the kind itself goes, and these objects with it. */
  instead: string | undefined
  /** Names of objects of a kind that goes. */
  objects: readonly string[]
  writings: readonly OldWriting[]
}

/** What was read of the living cluster, once for all hops. */
export interface Looks {
  /** By host of an API server. */
  requests: ReadonlyMap<string, Looked<readonly DeprecatedRequest[]>>
  gone: Looked<readonly GoneObjects[]>
  nodes: Looked<readonly NodeState[]>
  etcd: Looked<readonly EtcdRow[]>
  certificates: Looked<readonly CertificateRow[]>
  /** By control plane node: configuration files of its components. */
  configurations: ReadonlyMap<string, Looked<readonly ConfigurationFile[]>>
  /** Flags of kubelets that are not of the inventory; see preflight/closer.ts. */
  kubelets: Closer['kubelets']
}

/** A hop, and all that a check may look at. */
export interface HopView {
  hop: Hop
  /** The first of the hops: what is about objects and health is told of it alone. */
  first: boolean
  to: Release
  /** Its machines are to run `to`. */
  context: Context
  /** The inventory as it is for `to`; where it does not go with that, what is wrong, and the inventory as it is written. */
  spec: ClusterSpec
  inventory: readonly InventoryProblem[]
  /** Programs that the container runtime requires for `to` and neither the inventory nor the bundle has. */
  missingPrograms: readonly string[]
  looks: Looks
}

/** A named look at a hop before anything of it is done. All run; each can be ignored by name. */
export interface UpgradeCheck {
  /** Stable: "RemovedAPIs". */
  name: string
  /** One sentence for the documentation. */
  about: string
  run(view: HopView): readonly Problem[]
}

/** What a look that failed is to a check: nothing may be concluded from it. */
export const couldNotLook = (host: string, couldNot: string): Problem => ({
  host,
  severity: 'error',
  what: couldNot,
  next: 'fix the cause and run again',
})
