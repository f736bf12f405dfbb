import type { Context } from '../../cluster/context.js'
import type { CrashWatch } from '../../cluster/crash-watch.js'
import { isEtcdHost, type Machine } from '../../cluster/machine.js'
import type { Need } from '../../engine/step.js'
import type { Founding } from '../../kubernetes/etcd/initial-cluster.js'
import { podHome } from './pod-home.js'
import { unitHome } from './unit-home.js'

/** What runs a machine's member: a kubelet by a static pod's manifest, or systemd by a unit. */
export interface MemberHome {
  /** What must be done on the machine before its member may be added. */
  needs: readonly Need[]
  /** The file that tells the member of its cluster. */
  file: string
  /** Tells a new member of its cluster and has it started, without waiting for it. Safe to repeat. */
  begin(founding: Required<Founding>): Promise<void>
  /** Ends a member whose data is gone, for good, and clears what it has begun to write since. */
  end(): Promise<void>
  /** Throws, while the member is waited for, as soon as it exits after each start. */
  watch(): CrashWatch
  /** What the machine tells of a member that does not come. */
  evidence(ageMs: number): Promise<string>
}

export const homeOf = (context: Context, machine: Machine): MemberHome =>
  isEtcdHost(machine) ? unitHome(context, machine) : podHome(context, machine)
