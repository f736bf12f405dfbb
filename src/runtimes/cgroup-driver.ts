import type { Facts } from '../host/facts/facts.js'

/** systemd where it rules cgroup v2; cgroupfs, the runtimes' own default, on v1 hosts. */
export function cgroupDriver(facts: Facts): 'cgroupfs' | 'systemd' {
  return facts.cgroup === 'v2' && facts.init === 'systemd' ? 'systemd' : 'cgroupfs'
}
