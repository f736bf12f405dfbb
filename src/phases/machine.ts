import type { Facts } from '../host/facts/facts.js'
import type { Host } from '../host/host.js'
import type { HostSpec } from '../inventory/spec.js'
import type { OperatingSystem } from '../os/os.js'

/** A host of the inventory as phases see it: what is wished, how it is reached, what it is. */
export interface Machine {
  spec: HostSpec
  host: Host
  facts: Facts
  os: OperatingSystem
  /** What its user should know of how the system was recognized; '' for nothing. */
  osNote: string
}

export function isControlPlane(machine: Pick<Machine, 'spec'>): boolean {
  return machine.spec.roles.includes('control-plane')
}

/** A node of the cluster: it runs a kubelet. */
export function isNode(machine: Machine): boolean {
  return machine.spec.roles.includes('control-plane') || machine.spec.roles.includes('worker')
}

/** It runs an etcd member of its own, beside no API server. */
export function isEtcdHost(machine: Machine): boolean {
  return machine.spec.roles.includes('etcd')
}

/** A node that joins by TLS bootstrap instead of carrying the control plane. */
export function isJoiningWorker(machine: Machine): boolean {
  return isNode(machine) && !isControlPlane(machine)
}
