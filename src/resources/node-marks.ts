import { createHash } from 'node:crypto'
import { clusterTarget, type Need, type Step } from '../engine/step.js'
import { ApiError } from '../kubernetes/client/api-error.js'
import type { Json, KubeClient } from '../kubernetes/client/kube-client.js'
import { at, listAt, nameOf as nameOfObject, textAt } from '../kubernetes/read.js'
import { plainValue } from '../lib/plain-value.js'
import { missingFrom } from './contains.js'
import type { KubeAccess } from './kube-object.js'

export interface Taint {
  key: string
  value?: string
  effect: string
}

export interface Marks {
  labels: Readonly<Record<string, string>>
  annotations: Readonly<Record<string, string>>
  taints: readonly Taint[]
  /** Keys of labels and "key:Effect" of taints that go once they are not wished any more. */
  own: { labels: readonly string[]; taints: readonly string[] }
  /** "key:Effect" of taints that must not be there. */
  unwantedTaints: readonly string[]
}

/** Remembers on the Node itself which marks were ours, as kubectl's last-applied annotation does for its objects. */
export const ownMarks = 'kubestrap.io/own-marks'

/**
 * Digest of that note, in a label that a kubelet may not set, change or take away on its Node (admission plug-in
 * NodeRestriction): annotations it may. A note without its seal is not heeded, or a worker could have a taint of the
 * administrator's taken off by naming it ours. Version 0.1.0 set no seal: what it marked and the inventory no longer has
 * when this version first sees it stays.
 */
export const markSeal = 'node-restriction.kubernetes.io/kubestrap-marks'

/** How often the kubelet may get in between our read and our write before we give up. */
const attempts = 8

/** How long a Node that is not Ready yet is watched after its taints were set, and how often, milliseconds. */
const watchedMs = 30_000
const everyMs = 250

/** What the controller manager puts on a Node that is not Ready, and takes away again. */
const notReadyTaint = 'node.kubernetes.io/not-ready'

/**
 * A Node with at least these labels, annotations and taints, and without those of ours that are not wished any more.
 * @param options.all gives all Nodes by their names: for a plan one list serves every node. In the run each asks for its own
 */
export function nodeMarksStep(
  kube: KubeAccess,
  name: string,
  marks: Marks,
  options: {
    needs: readonly Need[]
    all(): Promise<ReadonlyMap<string, Json>>
    now(): Date
    sleep(ms: number): Promise<void>
  },
): Step<Json | undefined> {
  const ref = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
  const put = async (client: KubeClient): Promise<void> => {
    for (let attempt = 1; ; attempt += 1) {
      const node = await client.get(ref)
      if (node === undefined) throw new Error(`node ${name} not found`)
      try {
        await client.patch(ref, patchFor(node, marks))
        return
      } catch (error) {
        if (!(error instanceof ApiError && error.status === 409 && attempt < attempts)) throw error
      }
    }
  }
  /**
   * The controller manager takes its own taint away by writing the whole list as it last saw it, without a
   * version: ours can get lost in between. So they are looked at until its taint is gone.
   */
  const keep = async (client: KubeClient): Promise<void> => {
    const deadline = options.now().getTime() + watchedMs
    while (options.now().getTime() < deadline) {
      // what was just written is told by then
      await options.sleep(everyMs)
      const nodes = await client.watched(ref)
      const node = nodes.find((one) => nameOfObject(one) === name)
      if (node === undefined) return
      const lost = differences(node, marks).length > 0
      if (lost) await put(client)
      else if (taintsOf(node).every(({ key }) => key !== notReadyTaint)) return
    }
  }
  return {
    id: `marks:${name}`,
    title: `labels and taints of ${name}`,
    target: clusterTarget,
    node: name,
    needs: options.needs,
    probe: async ({ planning } = { planning: false, applied: false }) =>
      planning ? (await options.all()).get(name) : (await kube()).get(ref),
    diff: (node) => {
      if (node === undefined) return [{ kind: 'update', summary: `mark node ${name}` }]
      const lines = differences(node, marks)
      return lines.length > 0
        ? [{ kind: 'update', summary: `mark node ${name}`, diff: lines.join('\n') }]
        : []
    },
    apply: async () => {
      const client = await kube()
      await put(client)
      if (marks.taints.length > 0) await keep(client)
    },
  }
}

/** What a Node's marks lack, and what of ours is there that is not wished any more; a line each. Pure. */
export function differences(node: Json, marks: Marks): string[] {
  const { labels, taints } = outdated(node, marks)
  return [
    ...missingFrom(node.metadata, { labels: marks.labels, annotations: marks.annotations }),
    ...missingTaints(node, marks.taints).map((taint) => `taint ${nameOf(taint)}`),
    ...labels.map((key) => `label ${key}: removed from the inventory`),
    ...taints.map((taint) => `taint ${nameOf(taint)}: removed from the inventory`),
    ...(textAt(node, 'metadata', 'annotations', ownMarks) === (noteOf(marks) ?? '') &&
    textAt(node, 'metadata', 'labels', markSeal) === (labelsOf(marks)[markSeal] ?? '')
      ? []
      : [`annotation ${ownMarks}`]),
  ]
}

/** The merge patch that takes a Node's marks to what is wished. Pure. */
export function patchFor(node: Json, marks: Marks): Record<string, unknown> {
  const gone = outdated(node, marks)
  const missing = missingTaints(node, marks.taints)
  const replaced = new Set([...missing, ...gone.taints].map(nameOf))
  return {
    metadata: {
      // the version is part of the patch: taints are one list, and controllers write it too
      resourceVersion: textAt(node, 'metadata', 'resourceVersion'),
      labels: {
        ...Object.fromEntries([...gone.labels, markSeal].map((key) => [key, null])),
        ...labelsOf(marks),
      },
      annotations: { ...marks.annotations, [ownMarks]: noteOf(marks) ?? null },
    },
    ...(replaced.size > 0
      ? { spec: { taints: [...taintsOf(node).filter((old) => !replaced.has(nameOf(old))), ...missing] } }
      : {}),
  }
}

function noteOf({ own }: Marks): string | undefined {
  return own.labels.length + own.taints.length === 0 ? undefined : JSON.stringify(own)
}

/** Labels that are wished, with the seal of the note where there is one. */
function labelsOf(marks: Marks): Record<string, string> {
  const note = noteOf(marks)
  return note === undefined ? { ...marks.labels } : { ...marks.labels, [markSeal]: sealOf(note) }
}

/** A label's value has 63 characters at most. */
const sealOf = (note: string): string => createHash('sha256').update(note).digest('hex').slice(0, 60)

function outdated(node: Json, marks: Marks): { labels: string[]; taints: Taint[] } {
  const note = textAt(node, 'metadata', 'annotations', ownMarks)
  const sealed = textAt(node, 'metadata', 'labels', markSeal) === sealOf(note)
  const noted = readNote(sealed ? note : '')
  const wanted = new Set(marks.taints.map(nameOf))
  return {
    labels: noted.labels.filter(
      (key) => !(key in marks.labels) && at(node, 'metadata', 'labels', key) !== undefined,
    ),
    taints: taintsOf(node).filter((taint) => {
      const name = nameOf(taint)
      return !wanted.has(name) && (noted.taints.includes(name) || marks.unwantedTaints.includes(name))
    }),
  }
}

/** What an earlier run noted; nothing where somebody wrote something else there. */
function readNote(text: string): { labels: readonly string[]; taints: readonly string[] } {
  try {
    const note: unknown = JSON.parse(text || '{}')
    return { labels: listAt(note, 'labels').map(plainValue), taints: listAt(note, 'taints').map(plainValue) }
  } catch {
    return { labels: [], taints: [] }
  }
}

/** Taints are unique by key and effect. */
const nameOf = ({ key, effect }: Taint): string => `${key}:${effect}`

function taintsOf(node: Json): readonly Taint[] {
  return listAt(node, 'spec', 'taints').map((taint) => {
    const value = textAt(taint, 'value')
    // timeAdded and the like travel on: the list is written back as a whole
    return {
      ...Object(taint),
      key: textAt(taint, 'key'),
      effect: textAt(taint, 'effect'),
      ...(value ? { value } : {}),
    }
  })
}

function missingTaints(node: Json, wanted: readonly Taint[]): Taint[] {
  const present = taintsOf(node)
  const same = (a: Taint, b: Taint): boolean => nameOf(a) === nameOf(b) && (a.value ?? '') === (b.value ?? '')
  return wanted.filter((taint) => !present.some((other) => same(other, taint)))
}
