import type { Context } from '../../cluster/context.js'
import { peerUrlOf } from '../../cluster/etcd/access.js'
import type { EtcdHosts } from '../../cluster/etcd/hosts.js'
import type { Machine } from '../../cluster/machine.js'
import { NotYet } from '../../engine/late.js'
import { type Step, stepKey } from '../../engine/step.js'
import { etcdHostSpecs } from '../../inventory/etcd-to-spec.js'
import type { Founding } from '../../kubernetes/etcd/initial-cluster.js'
import {
  dataDirInUnit,
  etcdUnit,
  etcdUnitFile,
  etcdUnitText,
  foundingInUnit,
} from '../../kubernetes/etcd/unit.js'
import { etcdProgram } from './install-steps.js'
import { type MemberFileState, memberFile } from './member-file.js'
import { etcdMemberId } from './member-step.js'

/** The unit of a host's member. What it tells of the cluster stays, once there are data: etcd does not heed it any more. */
export function unitFileStep(context: Context, hosts: EtcdHosts, machine: Machine): Step<MemberFileState> {
  const { spec } = machine
  const joining = hosts.joining.has(spec.name)
  const founders = etcdHostSpecs(context.spec).map((one) => `${one.name}=${peerUrlOf(one)}`)
  return memberFile(context, machine, {
    path: etcdUnitFile,
    title: 'etcd systemd unit',
    marks: [etcdUnit],
    needs: joining ? [stepKey({ target: spec.name, id: etcdMemberId })] : [],
    dataDirIn: dataDirInUnit,
    insteadOfMoving: (is) =>
      `write ${is}; or reset the etcd hosts one at a time (kubestrap reset ${spec.name}) and run up after each, which adds the host again`,
    contentFor: (data, text = '') => {
      const told = hosts.told ?? founders.join(',')
      const founding = unitFounding({ joining, data }, foundingInUnit(text), told)
      return etcdUnitText(context.spec, spec, etcdProgram(context), founding)
    },
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
