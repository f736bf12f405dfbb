import type { Context } from '../../cluster/context.js'
import { crashWatch, watched } from '../../cluster/crash-watch.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import type { Machine } from '../../cluster/machine.js'
import { ownApiMissing } from '../../cluster/own-api.js'
import { systemContainers } from '../../cluster/system-containers.js'
import type { Step } from '../../engine/step.js'
import type { Transaction } from '../../engine/transaction.js'
import { jsonOf } from '../../kubernetes/client/bad-answer.js'
import { staticPods } from '../../kubernetes/manifests/static-pods.js'
import { listAt, nameOf, textAt } from '../../kubernetes/read.js'
import { missingOrWhy } from '../../lib/errors.js'
import { waitFor } from '../../resources/wait-for.js'
import { upgradeManifestMs } from './until-new-pod.js'

/**
 * A kubelet of another minor reads manifests with other defaults: static Pods get other UIDs, and it recreates them all (its
 * pkg/kubelet/config/common.go, applyDefaults). What comes after waits until the containers that run are those of the
 * Pods that the kubelet wants, and its API server is ready.
 */
export function recreatedStep(
  context: Context,
  machine: Machine,
  { needs, within }: { needs: readonly string[]; within: Transaction | undefined },
): Step<string | undefined> {
  const { spec, release } = machine
  const names = [...staticPods(context.spec, spec, release.wanted, { caDirectories: [] }).keys()]
  const watch = crashWatch(context, machine, names)
  const step = waitFor({
    id: 'static-pods-current',
    title: `static Pods of ${spec.name} are those of its kubelet`,
    target: spec.name,
    needs,
    withinMs: upgradeManifestMs,
    evidence: (ageMs) => nodeEvidence(context, machine, { ageMs, containers: names }),
    look: watched(watch, () =>
      missingOrWhy(
        async () => (await notCurrent(context, machine, names)) ?? (await ownApiMissing(context, machine)),
      ),
    ),
  })
  return { ...step, ...(within ? { within } : {}) }
}

/** Which static Pod does not run as the kubelet wants it; undefined when all do. */
async function notCurrent(
  context: Context,
  machine: Machine,
  names: readonly string[],
): Promise<string | undefined> {
  const node = machine.spec.name
  const [wanted, { containers }] = await Promise.all([
    wantedPods(context, node),
    systemContainers(context, machine),
  ])
  const running = containers.filter((one) => one.running)
  const missing = names.find((name) => {
    const uid = wanted.get(`${name}-${node}`)
    const own = running.filter((one) => one.name === name)
    return uid === undefined || own.length === 0 || own.some(({ pod }) => pod !== uid)
  })
  return missing === undefined ? undefined : `the kubelet recreates ${missing}`
}

/** UIDs of the Pods that a kubelet wants to run, by name: it says so itself. */
async function wantedPods(context: Context, node: string): Promise<ReadonlyMap<string, string>> {
  const path = `/api/v1/nodes/${encodeURIComponent(node)}/proxy/pods`
  const { status, body } = await (await context.kube()).text(path, { timeoutMs: 10_000 })
  if (status !== 200) throw new Error(`the kubelet of ${node} answers ${status} to /pods`)
  const list = jsonOf(`GET ${path}`, { body, host: node })
  return new Map(listAt(list, 'items').map((pod) => [nameOf(pod), textAt(pod, 'metadata', 'uid')]))
}
