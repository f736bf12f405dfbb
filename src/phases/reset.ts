import { type Context, controlPlanes } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { clusterTarget, type Need, type Step, stepKey } from '../engine/step.js'
import type { HostSpec } from '../inventory/spec.js'
import { UserError } from '../lib/errors.js'
import { readLedger } from '../resources/ledger.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { filesStep } from '../steps/reset/files-step.js'
import { forgetStep } from '../steps/reset/forget-step.js'
import { heldStep } from '../steps/reset/held-step.js'
import { imagesStep } from '../steps/reset/images-step.js'
import { keysStep } from '../steps/reset/keys-step.js'
import {
  formerMemberStep,
  mayLeaveStep,
  memberGoneId,
  memberGoneStep,
} from '../steps/reset/member-gone-step.js'
import { netfilterStep } from '../steps/reset/netfilter/netfilter-step.js'
import { nodeGoneStep } from '../steps/reset/node-gone-step.js'
import { packagesStep } from '../steps/reset/packages-step.js'
import { runtimeStoppedStep } from '../steps/reset/runtime-stopped-step.js'
import { stoppedStep } from '../steps/reset/stopped-step.js'
import { drainedKey } from '../steps/rollout/drain-steps.js'
import { type DrainLeaving, drainedNames } from './drain-leaving.js'

export interface ResetOptions extends DrainLeaving {
  /** As it was asked for, for words. */
  command: 'reset' | 'remove'
  /** Also the packages kubestrap installed. */
  packages: boolean
  /** Also the images kubestrap loaded. */
  images: boolean
  /** Is told what stays behind, and why. */
  onLeft(host: string, what: string): void
}

/**
 * INPUTS: each machine's ledger; nodes that were drained; of several control planes and etcd hosts those that stay.
 * OUTPUTS: etcd without the members of machines that leave, and then their Nodes; machines as they were before kubestrap, apart from what was not asked for (packages, images)
 * and what somebody else put there since. The ledger goes last: a cut in between is gone on with.
 */
export function reset(options: ResetOptions): Phase<Context> {
  return {
    id: 'reset',
    title: 'Reset',
    about: 'Removes what kubestrap wrote, as recorded in the ledger of each host.',
    steps: (context) => {
      const { hosts, gone } = options
      const named = new Set(hosts)
      const machines = new Map(context.machines.map((machine) => [machine.spec.name, machine]))
      const leaving = context.spec.hosts.filter(({ name }) => named.has(name))
      const staying = controlPlanes(context).filter(({ spec }) => !named.has(spec.name))
      const drained = new Set(drainedNames(context, options))
      if (gone) refuseLiving(context, leaving)
      if (staying.length === 0) refuseOutOfReach(context, leaving, options)
      if (staying.length === 0) tellNodes(context, leaving, options)
      const members = (context.etcdHosts?.order ?? []).filter(({ spec }) => !named.has(spec.name))
      if (members.length === 0) refuseMembersOutOfReach(context, leaving)
      return leaving.flatMap((host) => {
        const machine = machines.get(host.name)
        const needs = drained.has(host.name) ? [drainedKey(host.name)] : []
        const member = memberSteps(context, host, machine, { planes: staying, members, leaving, needs })
        const first = [...needs, ...member.map(stepKey)]
        const own = machine ? machineSteps(context, machine, options, first) : []
        // with its last control plane the cluster itself is gone, and nobody is left to ask
        const forgotten = staying.length > 0 && isNodeSpec(host) && (machine !== undefined || gone)
        const after = machine ? [`${host.name}/reset:stopped`] : first
        return [...member, ...own, ...(forgotten ? [nodeGoneStep(context, host, after)] : [])]
      })
    },
  }
}

const isNodeSpec = ({ roles }: HostSpec): boolean =>
  roles.includes('control-plane') || roles.includes('worker')
const isPlaneSpec = ({ roles }: HostSpec): boolean => roles.includes('control-plane')

const isMemberSpec = ({ roles }: HostSpec): boolean => roles.includes('etcd')

/** Members leave one after the other, in the order of the inventory; whether all of them may is looked at before anything is changed. */
function memberSteps(
  context: Context,
  host: HostSpec,
  machine: Machine | undefined,
  among: {
    planes: readonly Machine[]
    members: readonly Machine[]
    leaving: readonly HostSpec[]
    needs: readonly Need[]
  },
): Step[] {
  const { etcd } = context.spec
  const staying = etcd.external ? among.members : among.planes
  const has = etcd.external ? isMemberSpec : isPlaneSpec
  if (staying.length === 0) return []
  if (!has(host))
    return checked(formerMemberStep(context, host, machine, etcd.dataDir, staying, among.needs), host)
  const earlier = among.leaving.slice(0, among.leaving.indexOf(host)).filter(has)
  const last = earlier.at(-1)
  const needs = [...among.needs, ...(last ? [`${clusterTarget}/${memberGoneId(last.name)}`] : [])]
  return checked(memberGoneStep(context, host, machine, etcd.dataDir, staying, earlier, needs), host)
}

const checked = <T>(removal: Step<T>, host: HostSpec): Step[] =>
  removal.needs?.length ? [mayLeaveStep(removal, host), removal] : [removal]

/** A machine that answers would come back by itself. */
function refuseLiving({ machines }: Context, leaving: readonly HostSpec[]): void {
  const [alive] = machines.filter(({ spec }) => leaving.includes(spec))
  if (alive)
    throw new UserError('usage', `${alive.spec.name} is not lost: it answers`, {
      host: alive.spec.name,
      next: 'run the same command without --gone; or power the host off first',
    })
}

/** The others may live where nobody reaches them, and would wait for a member that is no more. */
function refuseOutOfReach({ spec }: Context, leaving: readonly HostSpec[], { gone }: ResetOptions): void {
  const [leaver] = leaving.filter(isPlaneSpec)
  const others = spec.hosts.filter((host) => isPlaneSpec(host) && !leaving.includes(host))
  if (others.length > 0 && (gone || leaver))
    throw new UserError(
      'connection',
      `cannot reach any other control plane node: ${others.map(({ name }) => name).join(', ')}`,
      {
        ...(leaver ? { host: leaver.name } : {}),
        why: `they are required to remove ${leaving.map(({ name }) => name).join(', ')} from etcd and the API`,
        next: 'make one of them reachable; or, to give up the cluster, name all control plane nodes',
      },
    )
  if (gone && others.length === 0)
    throw new UserError('usage', 'no control plane node would remain to remove the hosts from', {
      next: 'with all control plane nodes lost the cluster is lost',
    })
}

/** Workers may be cleared where nobody of the cluster answers; it still counts them. */
function tellNodes({ spec }: Context, leaving: readonly HostSpec[], { command, onLeft }: ResetOptions): void {
  const others = spec.hosts.filter((host) => isPlaneSpec(host) && !leaving.includes(host))
  if (others.length === 0) return
  for (const { name } of leaving.filter(isNodeSpec))
    onLeft(
      'cluster',
      `Node ${name}: no control plane node was reached; run kubestrap ${command} ${name} again when one answers`,
    )
}

/** etcd must be told that a member leaves, and only another member can be. */
function refuseMembersOutOfReach({ spec }: Context, leaving: readonly HostSpec[]): void {
  const [leaver] = leaving.filter(isMemberSpec)
  const others = spec.hosts.filter((host) => isMemberSpec(host) && !leaving.includes(host))
  if (leaver && others.length > 0)
    throw new UserError(
      'connection',
      `cannot reach any other etcd host: ${others.map(({ name }) => name).join(', ')}`,
      {
        host: leaver.name,
        why: `they are required to remove the member of ${leaver.name}`,
        next: 'make one of them reachable; or, to give up the cluster, name all etcd hosts',
      },
    )
}

function machineSteps(context: Context, machine: Machine, options: ResetOptions, needs: readonly Need[]) {
  const { host } = machine
  const ledger = oncePerTurn(() => readLedger(host))
  const stopped = stoppedStep(context, machine, ledger, needs)
  const netfilter = netfilterStep(context, machine, ledger, options.onLeft, [`${host.name}/${stopped.id}`])
  const images = imagesStep(context, machine, ledger, [`${host.name}/${stopped.id}`])
  const runtime = runtimeStoppedStep(context, machine, ledger, [
    `${host.name}/${netfilter.id}`,
    ...(options.images ? [`${host.name}/${images.id}`] : []),
  ])
  const files = filesStep(context, machine, ledger, options, [`${host.name}/${runtime.id}`])
  const held = heldStep(machine, ledger, [`${host.name}/${stopped.id}`])
  // rpm has one lock: packages after keys
  const keys = keysStep(machine, ledger, [`${host.name}/${held.id}`])
  const packages = packagesStep(context, machine, ledger, options.onLeft, [
    `${host.name}/${files.id}`,
    `${host.name}/${keys.id}`,
  ])
  const last = options.packages ? packages : files
  return [
    stopped,
    netfilter,
    ...(options.images ? [images] : []),
    runtime,
    files,
    held,
    keys,
    ...(options.packages ? [packages] : []),
    forgetStep(context, machine, ledger, options, [`${host.name}/${last.id}`, `${host.name}/${keys.id}`]),
  ]
}
