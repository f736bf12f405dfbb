import { isDeepStrictEqual } from 'node:util'
import type { Context } from '../../cluster/context.js'
import { crashWatch } from '../../cluster/crash-watch.js'
import { withEtcd } from '../../cluster/etcd/access.js'
import { etcdHop } from '../../cluster/etcd/hop.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import { imageTagIn, tagOf } from '../../cluster/static-pod-files.js'
import type { ApplyContext } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { imageFor } from '../../kubernetes/images.js'
import { isBug, messageOf, NoAnswer, UserError } from '../../lib/errors.js'
import { parsedYaml } from '../../lib/parsed-yaml.js'
import { podMark, removeMark } from '../../resources/marks.js'
import { copyData, failedPath, forgetCopy, restoreData } from '../etcd/data-copy.js'
import { untilSpare } from '../etcd/spare.js'
import { imageThere } from './image-there.js'
import { kubeletRuns } from './kubelet-runs.js'
import { manifestPath } from './manifest-path.js'
import { containersBehind, disruptionOf, isMember, untilWorks } from './restart-pod.js'
import { untilNewPod, upgradeManifestMs } from './until-new-pod.js'

/** Lines of what a Pod said before it was taken back. */
const shownLines = 20

/**
 * Changes a static Pod's manifest to another version of it and waits until it works. One that does not gets its old
 * manifest back, as `kubeadm upgrade` does (phases/upgrade/staticpods.go), and the run stops with the cause: on this
 * machine everything works as before, and on others nothing was changed.
 * @param change writes the new manifest
 * @throws UserError when the Pod does not work, and says whether the old one does again
 */
export async function replacePod(
  context: Context,
  machine: Machine,
  name: string,
  change: () => Promise<void>,
  how: ApplyContext,
): Promise<void> {
  const { host } = machine
  const path = manifestPath(name)
  const old = await host.stat(path, { content: true })
  if (old.kind !== 'file' || old.content === undefined) throw new Error(`${path} was a file, and is none`)
  const text = old.content.toString()
  if (!(await kubeletRuns(host)))
    throw new UserError(
      'step',
      `the kubelet of ${host.name} does not run: nothing would start the new ${name}`,
      {
        host: host.name,
        next: `systemctl start ${kubeletUnit} there, find out why it was stopped, and run kubestrap up again`,
      },
    )
  await imageThere(context, machine, name)
  if (isMember(context, name)) await untilSpare(context, machine)
  const done = (): Promise<void> => removeMark(host, podMark(name))
  let started = false
  // an API server beside it was ended: nobody writes between the copy and what fails
  const alone = name === 'etcd' && !isMember(context, name) && otherMinor(context, machine, text)
  let copied = false
  const began = context.now().getTime()
  try {
    const changed = async (): Promise<void> => {
      if (alone) {
        await copyData(context, machine)
        copied = true
      }
      let now: string | undefined
      try {
        await change()
        now = await textOf(host, path)
      } catch (error) {
        if (isBug(error) || isOver(error)) throw error
        now = await textOf(host, path)
        // a connection that was lost may have brought it
        if (now === undefined || now === text) throw error
      }
      if (now !== undefined && isSamePod(text, now)) throw new SamePod()
    }
    await becomes(context, machine, name, changed, () => {
      started = true
    })
  } catch (error) {
    // without an answer of the machine nothing can be taken back either, nor by a run that has lost the machine
    if (isBug(error) || isOver(error)) throw error
    // what failed before the manifest was written is no fault of the new Pod
    if ((await textOf(host, path)) === text) throw error
    // an etcd that answered may have raised the version of its data, which an older one does not read
    if (name === 'etcd' && started && (await answers(machine))) throw error
    const why = messageOf(error)
    const said = await nodeEvidence(context, machine, {
      ageMs: context.now().getTime() - began,
      containers: containersBehind(context, name),
    }).catch(() => '')
    how.progress(`${why}: the old manifest is restored`)
    const back = (): Promise<void> => host.write({ path, content: text, mode: old.mode, owner: old.owner })
    const attempt = (write: () => Promise<void>): Promise<unknown> =>
      becomes(context, machine, name, write)
        .then(done)
        .then(
          () => undefined,
          (other: unknown) => other,
        )
    let failed = await attempt(back)
    // an etcd that answers does not need the copy, and has what was written since; one that cannot be asked may
    const onCopy =
      failed !== undefined && copied && !isBug(failed) && !isOver(failed) && !(await answers(machine))
    if (onCopy) {
      how.progress(`${messageOf(failed)}: the data of etcd from before the change are restored`)
      failed = await attempt(async () => {
        await restoreData(context, machine)
        await back()
      })
    }
    if (failed === undefined && copied) await forgetCopy(machine)
    throw new UserError(
      'step',
      failed === undefined
        ? `the new ${name} does not work: the old one runs again${onCopy ? `, on its data from before the change (what the new one made of them is in ${failedPath})` : ''}`
        : `the new ${name} does not work, nor does the old one, whose manifest was restored`,
      {
        host: host.name,
        why: [
          why,
          ...(failed === undefined ? [] : [messageOf(failed)]),
          ...said.trim().split('\n').slice(-shownLines),
        ].join('\n'),
        cause: error,
      },
    )
  }
  if (copied) await forgetCopy(machine)
  await done()
}

/** Nothing more can be done there, or nothing more may. */
const isOver = (error: unknown): boolean =>
  error instanceof NoAnswer || (error instanceof UserError && error.endsRun)

/** What a file says; undefined where it is none. */
async function textOf(host: Host, path: string): Promise<string | undefined> {
  const state = await host.stat(path, { content: true })
  return state.kind === 'file' ? state.content?.toString() : undefined
}

/** Whether the release has an etcd of another minor than a manifest on disk; of what cannot be read it is taken so. */
function otherMinor({ spec }: Context, { release }: Machine, manifest: string): boolean {
  return etcdHop(imageTagIn(manifest) ?? '', tagOf(imageFor('etcd', spec, release.wanted)) ?? '') !== 0
}

/** The text of a manifest was changed, and the Pod is the same: the kubelet starts no other. */
class SamePod extends Error {}

const isSamePod = (one: string, other: string | undefined): boolean =>
  isDeepStrictEqual(parsedYaml(one), parsedYaml(other))

/** Whether the member of a machine takes part. */
const answers = (machine: Machine): Promise<boolean> =>
  withEtcd([machine], ({ client }) => client.health()).then(
    () => true,
    () => false,
  )

/**
 * Writes a manifest and waits until its Pod works. Throws when it does not.
 * @param onNew told when the new Pod has started
 */
async function becomes(
  context: Context,
  machine: Machine,
  name: string,
  write: () => Promise<void>,
  onNew: () => void = () => {},
): Promise<void> {
  // two API servers may run for a moment; of others the old one would answer for the new, or keep its port
  const alone = name === 'etcd' || disruptionOf(context, name) === undefined
  try {
    if (!(await untilNewPod(context, machine, name, write, alone, upgradeManifestMs)))
      throw new UserError(
        'step',
        `the kubelet did not start the new Pod of ${name} within ${upgradeManifestMs / 1000} s`,
        { host: machine.spec.name },
      )
    onNew()
  } catch (error) {
    if (!(error instanceof SamePod)) throw error
  }
  // from here on: an API server that was ended for etcd did not crash
  await untilWorks(context, machine, name, crashWatch(context, machine, containersBehind(context, name)))
}
