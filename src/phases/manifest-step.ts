import { NotYet } from '../engine/late.js'
import type { Need, Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { writeAheadLog } from '../kubernetes/etcd/data.js'
import { type Founding, foundingOf } from '../kubernetes/etcd/initial-cluster.js'
import { staticPods } from '../kubernetes/manifests/static-pods.js'
import { renderYaml } from '../kubernetes/render-yaml.js'
import { UserError } from '../lib/errors.js'
import { file } from '../resources/file.js'
import { podMark } from '../resources/marks.js'
import { type Context, controlPlanes } from './context.js'
import type { Machine } from './machine.js'
import { disruptionOf, restartPod } from './restart-pod.js'
import { untilNewPod } from './until-new-pod.js'

export const manifestPath = (name: string): string => `/etc/kubernetes/manifests/${name}.yaml`

/** A static pod's manifest on a control plane. */
export function manifestText(
  { spec, release }: Context,
  machine: Machine,
  name: string,
  founding: Founding = {},
): string {
  const facts = { caDirectories: machine.facts.caDirectories, ...founding }
  return renderYaml(staticPods(spec, machine.spec, release, facts).get(name))
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
): Step<FileState> {
  const { host } = machine
  let founding: Founding = {}
  const whole = file(host, {
    path: manifestPath(name),
    title: `manifest of ${name}`,
    content: () => manifestText(context, machine, name, founding),
    mode: '0600',
    marks: [podMark(name)],
    ...(needs ? { needs } : {}),
  })
  const step: Step<FileState> =
    name === 'etcd' ? asFounded(context, machine, whole, (it) => (founding = it)) : whole
  const disruption = disruptionOf(context, name)
  if (disruption === undefined || controlPlanes(context).length < 2) return step
  const replaces = (changes: Parameters<typeof step.apply>[0]): boolean =>
    changes.some(({ summary }) => summary.startsWith('change '))
  return {
    ...step,
    disrupts: (changes) => (replaces(changes) ? disruption : undefined),
    apply: async (changes, how) => {
      if (!replaces(changes)) return step.apply(changes, how)
      const came = await untilNewPod(context, machine, name, () => step.apply(changes, how))
      how.progress(came ? 'its pod was made anew' : 'its pod is restarted')
      await restartPod(context, machine, name, came)
    },
  }
}

/** What is told the member of its cluster comes from the manifest on disk, once there is one. */
function asFounded(
  context: Context,
  machine: Machine,
  step: Step<FileState>,
  use: (founding: Founding) => void,
): Step<FileState> {
  const { host, spec } = machine
  const founder = machine === context.planes.leader
  let data = false
  return {
    ...step,
    // a second cluster beside one that lives elsewhere must not be born, whatever else the run does
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
      const text = state.kind === 'file' ? (state.content?.toString() ?? '') : undefined
      use(foundingFor({ name: spec.name, founder, data }, text))
      return step.diff(state)
    },
  }
}

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
    throw new UserError(
      'step',
      `${name} was about to join a cluster, and no member of it is in the inventory`,
      {
        host: name,
        why: `${manifestPath('etcd')} tells it of ${told.initialCluster}`,
        next: `put the other control planes back into the inventory; or, if that cluster is gone, kubestrap reset ${name}`,
      },
    )
  return {}
}
