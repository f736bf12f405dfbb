import type { Facts } from '../host/facts/facts.js'
import type { Host } from '../host/host.js'
import type { HostSpec } from '../inventory/spec.js'
import type { Release } from '../kubernetes/releases/release.js'
import type { OperatingSystem } from '../os/os.js'
import type { Running } from './running.js'

/** A host of the inventory that was connected to: how it is reached, what it is. */
export interface Connected {
  spec: HostSpec
  host: Host
  facts: Facts
  os: OperatingSystem
  /** What its user should know of how the system was recognized; '' for nothing. */
  osNote: string
}

/** The same as phases see it: also which Kubernetes is wished for it. */
export interface Machine extends Connected {
  release: MachineRelease
}

/**
 * The release of one machine. In an upgrade machines of one cluster have different ones for a while; what is built for
 * a machine is built of its own, what is there once for the cluster of those in cluster-release.ts.
 */
export interface MachineRelease {
  /** What it should run at the end of this run. */
  wanted: Release
  /** What it runs now. Read when it is asked for, as births and runs without changes have no use for it. */
  runs(): Promise<Running>
}

export function isControlPlane(machine: Pick<Machine, 'spec'>): boolean {
  return machine.spec.roles.includes('control-plane')
}

/** A node of the cluster: it runs a kubelet. */
export function isNode(machine: Pick<Machine, 'spec'>): boolean {
  return machine.spec.roles.includes('control-plane') || machine.spec.roles.includes('worker')
}

/** It runs an etcd member of its own, beside no API server. */
export function isEtcdHost(machine: Pick<Machine, 'spec'>): boolean {
  return machine.spec.roles.includes('etcd')
}

/** It carries the load balancer of the API, of its own or beside something else. */
export function isBalancerHost(machine: Pick<Machine, 'spec'>): boolean {
  return machine.spec.roles.includes('load-balancer')
}

/** Control plane nodes before all others, and those of each kind in the order they had. */
export function planesFirst<One extends Pick<Machine, 'spec'>>(machines: readonly One[]): One[] {
  return [...machines].sort((a, b) => Number(isControlPlane(b)) - Number(isControlPlane(a)))
}

/** A node that joins by TLS bootstrap instead of carrying the control plane. */
export function isJoiningWorker(machine: Pick<Machine, 'spec'>): boolean {
  return isNode(machine) && !isControlPlane(machine)
}
