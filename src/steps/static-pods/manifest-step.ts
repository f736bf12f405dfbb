import { type Context, hasSeveralPlanes } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { certificatePath, signingFile } from '../../cluster/pki/paths.js'
import { NotYet } from '../../engine/late.js'
import type { Need, Step } from '../../engine/step.js'
import { type Founding, foundingOf } from '../../kubernetes/etcd/initial-cluster.js'
import { staticPods } from '../../kubernetes/manifests/static-pods.js'
import { renderYaml } from '../../kubernetes/render-yaml.js'
import { UserError } from '../../lib/errors.js'
import { type FileWish, file } from '../../resources/file.js'
import { podMark } from '../../resources/marks.js'
import { type MemberFileState, memberFile } from '../etcd/member-file.js'
import { untilSpare } from '../etcd/spare.js'
import { kubeletRuns } from './kubelet-runs.js'
import { manifestPath } from './manifest-path.js'
import { replacePod } from './replace-pod.js'
import { disruptionOf, feltOf, isMember, restartPod } from './restart-pod.js'
import { untilNewPod } from './until-new-pod.js'

/** A static pod's manifest on a control plane. */
export function manifestText(
  { spec, authorities }: Context,
  machine: Machine,
  name: string,
  founding: Founding = {},
): string {
  // before they are known there is no cluster whose CA could be rotated
  const signs = authorities.known && authorities.get().signingCertificate(machine.spec.name) !== undefined
  const facts = {
    caDirectories: machine.facts.caDirectories,
    ...(signs ? { signingCertificate: certificatePath(signingFile) } : {}),
    ...founding,
  }
  return renderYaml(staticPods(spec, machine.spec, machine.release.wanted, facts).get(name))
}

/**
 * The manifest of a static pod. The kubelet acts on a changed one at once, so where several control planes
 * live they are changed one after the other: the next when the API server of the last is ready with it.
 */
export function manifestStep(
  context: Context,
  machine: Machine,
  name: string,
  needs?: readonly Need[],
): Step {
  const wish: Omit<FileWish, 'content'> = {
    path: manifestPath(name),
    title: `manifest of ${name}`,
    mode: '0600',
    marks: [podMark(name)],
    ...(needs ? { needs } : {}),
  }
  return name === 'etcd'
    ? oneByOne(context, machine, name, asFounded(context, machine, wish))
    : oneByOne(
        context,
        machine,
        name,
        file(machine.host, { ...wish, content: () => manifestText(context, machine, name) }),
      )
}

/** A manifest that is changed on one control plane after the other, where there are several. */
function oneByOne<Observed>(
  context: Context,
  machine: Machine,
  name: string,
  step: Step<Observed>,
): Step<Observed> {
  const { host } = machine
  const disruption = disruptionOf(context, name)
  const replaces = (changes: Parameters<typeof step.apply>[0]): boolean =>
    changes.some(({ kind }) => kind === 'update')
  const upgraded = context.upgrade?.planes.includes(machine.spec.name) === true
  if (!upgraded && (disruption === undefined || !hasSeveralPlanes(context))) return step
  return {
    ...step,
    disrupts: (changes) => (replaces(changes) ? disruption : undefined),
    ...feltOf(name),
    apply: async (changes, how) => {
      if (!replaces(changes)) return step.apply(changes, how)
      if (upgraded) return replacePod(context, machine, name, () => step.apply(changes, how), how)
      const member = isMember(context, name)
      if (member) await untilSpare(context, machine)
      // two API servers may run for a moment; of two etcd of one member the old one would answer for the new
      const came = await untilNewPod(context, machine, name, () => step.apply(changes, how), member)
      if (!came && !(await kubeletRuns(host))) {
        how.progress('the kubelet is not running: it recreates the Pod when it starts')
        return
      }
      how.progress(came ? 'the Pod was recreated' : 'the Pod is restarted')
      await restartPod(context, machine, name, came)
    },
  }
}

/** What is told the member of its cluster comes from the manifest on disk, once there is one. */
function asFounded(
  context: Context,
  machine: Machine,
  wish: Omit<FileWish, 'content'>,
): Step<MemberFileState> {
  const { name } = machine.spec
  const founder = machine === context.planes.leader
  return memberFile(context, machine, {
    ...wish,
    dataDirIn,
    insteadOfMoving: (is) =>
      `write dataDir: ${is}; or move the data and the manifest by hand, one control plane node at a time`,
    contentFor: (data, text) =>
      manifestText(context, machine, 'etcd', foundingFor({ name, founder, data }, text)),
  })
}

/** Where the data of a manifest's member are, also of one that is no YAML any more; undefined when it does not say. */
export const dataDirIn = (manifest: string): string | undefined => /--data-dir=([^\s"']+)/.exec(manifest)?.[1]

/**
 * What a member's manifest should tell of its cluster: what it tells already, for a member that has one; nothing
 * but itself on the control plane that a cluster is born on. Pure.
 * @param manifest on disk; undefined when there is none
 * @throws NotYet for a member that is to join: the step etcd-member writes its manifest
 */
export function foundingFor(
  { name, founder, data }: { name: string; founder: boolean; data: boolean },
  manifest: string | undefined,
): Founding {
  const told = manifest === undefined ? undefined : foundingOf(manifest)
  if (data) return told ?? {}
  if (!founder) {
    if (told === undefined) throw new NotYet("etcd's members")
    return told
  }
  if (told?.initialClusterState === 'existing')
    throw new UserError('step', `${name} was joining a cluster none of whose members is in the inventory`, {
      host: name,
      why: `${manifestPath('etcd')} names ${told.initialCluster}`,
      next: `add the other control plane nodes to the inventory again; or, if that cluster is gone, run kubestrap reset ${name}`,
    })
  return {}
}
