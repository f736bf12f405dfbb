import type { Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import type { OperatingSystem } from '../os/os.js'

/** An API server as a balancer sees it. */
export interface Backend {
  name: string
  address: string
  port: number
}

/** A machine of the inventory that a balancer runs on, whether it takes part in the run or not. */
export interface BalancerPeer {
  name: string
  address: string
}

/** A machine of the run that a balancer runs on. */
export interface BalancerMachine extends BalancerPeer {
  host: Host
  /** The interface that carries the machine's address, or that the inventory names. '' when it is not known. */
  interface: string
  /** It carries an API server too. */
  controlPlane: boolean
  /**
   * Its Kubernetes makes the administrator an administrator only after the first API server runs, and that has
   * a kubeconfig with all rights from the start: super-admin.conf.
   */
  superAdmin: boolean
}

/** What every balancer is told of the cluster. */
export interface BalancerSettings {
  /** The endpoint's port: where clients ask. */
  port: number
  /** Every API server, in the inventory's order. */
  backends: readonly Backend[]
  virtualIp: string | undefined
  /** virtual_router_id of the virtual address, 1 to 255. */
  routerId: number
  /** Image of a balancer that is a pod; undefined: its own default. */
  image: string | undefined
  /** Whether API servers answer /readyz to somebody they do not know (anonymous-auth). */
  anonymous: boolean
}

/** What a balancer thinks of an API server. */
export interface BackendState {
  name: string
  up: boolean
  /** What its last look told. */
  words: string
}

/** A part of a balancer on a machine, by which one tells later that it is there, and that it is kubestrap's. */
export interface Remains {
  /** Steps by id: a machine that is to have one of them keeps the part. */
  of: readonly string[]
  /** Its files; what begins it, a unit's file or a manifest, goes last. */
  files: readonly string[]
  /** What tells that it is kubestrap's: a unit whose name nobody else gives, or the first line of its only file. */
  by: { unit: string } | { firstLine: string }
}

/** What kubestrap asks of a load balancer of the API. */
export interface Balancer {
  /** `loadBalancer.type` in the inventory. */
  id: string
  /** The machines it runs on: those with a role of its own, control planes, all nodes, or none of ours. */
  runsOn: 'load-balancer' | 'control-plane' | 'node' | 'nowhere'
  /** Whose port the endpoint's is: the balancer's own, so that no API server beside it may have it; the API servers'; or whichever. */
  port: 'own' | 'api-server' | 'any'
  virtualIp: 'none' | 'possible' | 'needed'
  /** The keys of `loadBalancer`, beside type and virtualIP, that mean something to it. */
  keys: readonly ('interface' | 'routerId' | 'image')[]
  /** It accepts connections while no API server runs yet. */
  answersAlone: boolean
  /** Static pods of its own that read admin.conf once, when they start. Default none. */
  adminReaders?: readonly string[]
  /** Units of its own, enabled when a machine of it is set up; a machine without is new to it. Absent: it has no machines of its own. */
  units?: readonly string[]
  /** What it puts on machines, in the order in which the parts are taken away from one that is not to have it any more. */
  remains: readonly Remains[]
  packages(os: OperatingSystem, settings: BalancerSettings): readonly string[]
  /** What it must be reached by on its machines, beside API servers' ports: "8443/tcp", and protocols: "vrrp". Default none. */
  traffic?(settings: BalancerSettings): readonly string[]
  /** Images of its pods on the machines it runs on. */
  images(settings: BalancerSettings): readonly string[]
  /**
   * What a machine of it needs: files, then units. `all` are the machines it runs on, this one among them, in
   * the inventory's order. Units need the step `installed`.
   */
  steps(
    machine: BalancerMachine,
    all: readonly BalancerPeer[],
    settings: BalancerSettings,
    installed: string,
  ): readonly Step[]
  /** What is left to do on a machine once the API answers and its objects are there. */
  settledSteps(
    machine: BalancerMachine,
    all: readonly BalancerPeer[],
    settings: BalancerSettings,
  ): readonly Step[]
  /** How the API servers look from a machine of it; absent: it does not look at them. Throws when it cannot be asked. */
  backends?(machine: BalancerMachine): Promise<readonly BackendState[]>
}
