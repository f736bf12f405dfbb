import { NotYet } from '../../engine/late.js'
import { type Step, stepKey } from '../../engine/step.js'
import type { FileState } from '../../host/host.js'
import { etcdHostSpecs } from '../../inventory/etcd-to-spec.js'
import { writeAheadLog } from '../../kubernetes/etcd/data.js'
import type { Founding } from '../../kubernetes/etcd/initial-cluster.js'
import {
  dataDirInUnit,
  etcdUnit,
  etcdUnitFile,
  etcdUnitText,
  foundingInUnit,
} from '../../kubernetes/etcd/unit.js'
import { UserError } from '../../lib/errors.js'
import { file } from '../../resources/file.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import { peerUrlOf } from './access.js'
import type { EtcdHosts } from './etcd-hosts.js'
import { etcdProgram } from './install-steps.js'
import { etcdMemberId } from './member-step.js'

/** The unit of a host's member. What it tells of the cluster stays, once there are data: etcd does not heed it any more. */
export function unitFileStep(context: Context, hosts: EtcdHosts, machine: Machine): Step<FileState> {
  const { host, spec } = machine
  const joining = hosts.joining.has(spec.name)
  const founders = etcdHostSpecs(context.spec).map((one) => `${one.name}=${peerUrlOf(one)}`)
  let founding: Founding = {}
  let data = false
  const step = file(host, {
    path: etcdUnitFile,
    title: 'unit of etcd',
    content: () => etcdUnitText(context.spec, spec, etcdProgram(context), founding),
    marks: [etcdUnit],
    needs: joining ? [stepKey({ target: spec.name, id: etcdMemberId })] : [],
  })
  return {
    ...step,
    // members told of an empty directory would found a second cluster
    guards: true,
    probe: async () => {
      const [state, member] = await Promise.all([
        step.probe(),
        host.stat(writeAheadLog(context.spec.etcd.dataDir)),
      ])
      data = member.kind !== 'absent'
      return state
    },
    diff: (state) => {
      const text = state.kind === 'file' ? (state.content?.toString() ?? '') : ''
      refuseMove(spec.name, dataDirInUnit(text), context.spec.etcd.dataDir)
      founding = unitFounding({ joining, data }, foundingInUnit(text), hosts.told ?? founders.join(','))
      return step.diff(state)
    },
  }
}

/** A member's data stay where they are. */
function refuseMove(name: string, is: string | undefined, wanted: string): void {
  if (is === undefined || is === wanted) return
  throw new UserError('step', `etcd's data are in ${is}, and the inventory says ${wanted} (etcd.dataDir)`, {
    host: name,
    next: `write ${is}; or take one etcd host after the other out (kubestrap reset ${name}), and let up add it anew`,
  })
}

/**
 * What a unit should tell its member. Pure.
 * @param told what it tells now
 * @param all what founders are told
 * @throws NotYet for a member that is to join: the step etcd-member writes its unit
 */
export function unitFounding(
  { joining, data }: { joining: boolean; data: boolean },
  told: Founding | undefined,
  all: string,
): Founding {
  if (data) return told ?? { initialCluster: all }
  if (joining) throw new NotYet("etcd's members")
  return { initialCluster: all }
}
