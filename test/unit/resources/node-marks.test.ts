import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  differences,
  type Marks,
  markSeal,
  nodeMarksStep,
  ownMarks,
  patchFor,
  type Taint,
} from '../../../src/resources/node-marks.js'
import { unseen } from '../../support/apply-now.js'

const marks = (labels: Record<string, string>, taints: Taint[] = [], more: Partial<Marks> = {}): Marks => ({
  labels,
  annotations: {},
  taints,
  own: {
    labels: Object.keys(labels).sort(),
    taints: taints.map(({ key, effect }) => `${key}:${effect}`).sort(),
  },
  unwantedTaints: [],
  ...more,
})

type Node = {
  metadata: { resourceVersion: string; labels: Record<string, string>; annotations: Record<string, string> }
  spec: { taints: Taint[] }
}
const node = (labels: Record<string, string> = {}, taints: Taint[] = []): Node => ({
  metadata: { resourceVersion: '7', labels, annotations: {} },
  spec: { taints },
})

/** What the API server makes of a merge patch (RFC 7386). */
function merged(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch
  const from: Record<string, unknown> =
    typeof target === 'object' && target !== null && !Array.isArray(target) ? { ...target } : {}
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete from[key]
    else from[key] = merged(from[key], value)
  }
  return from
}
const applied = (to: Node, wish: Marks): Node => merged(to, patchFor(to, wish)) as Node

describe('the step', () => {
  test('watches a Node that is not Ready yet, and puts a taint back that the controller manager took along', async () => {
    const own = { key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }
    const notReady = { key: 'node.kubernetes.io/not-ready', effect: 'NoSchedule' }
    const wish = marks({}, [own])
    let is: Node = { ...node({}, [notReady]), metadata: { ...node().metadata, name: 'cp1' } } as Node
    const done: string[] = []
    const kube = {
      get: async () => is,
      watched: async () => [is],
      patch: async (_: unknown, patch: unknown) => {
        is = merged(is, patch) as Node
        done.push('patch')
      },
    }
    let looks = 0
    const step = nodeMarksStep(
      Object.assign(async () => kube as never, { renew: () => {} }),
      'cp1',
      wish,
      {
        needs: [],
        all: async () => new Map(),
        now: () => new Date(looks * 250),
        sleep: async () => {
          looks += 1
          if (looks === 3) is = { ...is, spec: { taints: [notReady] } }
          if (looks === 5)
            is = { ...is, spec: { taints: is.spec.taints.filter(({ key }) => key !== notReady.key) } }
        },
      },
    )
    await step.apply([], unseen)
    expect(done).toEqual(['patch', 'patch'])
    expect([looks, is.spec.taints]).toEqual([5, [own]])
  })
})

describe('marks of a node', () => {
  test('a label and a taint taken out of the inventory go away, and nobody else loses any', () => {
    const before = node({ 'kubernetes.io/os': 'linux' }, [{ key: 'not-ready', effect: 'NoExecute' }])
    const marked = applied(
      before,
      marks({ rack: '1', zone: 'a' }, [{ key: 'gpu', value: 'yes', effect: 'NoSchedule' }]),
    )
    const wish = marks({ zone: 'a' })
    expect(differences(marked, wish)).toEqual([
      'label rack: removed from the inventory',
      'taint gpu:NoSchedule: removed from the inventory',
      `annotation ${ownMarks}`,
    ])
    const after = applied(marked, wish)
    expect(after.metadata.labels).toEqual({
      'kubernetes.io/os': 'linux',
      zone: 'a',
      [markSeal]: expect.stringMatching(/^[0-9a-f]{60}$/),
    })
    expect(after.spec.taints).toEqual([{ key: 'not-ready', effect: 'NoExecute' }])
  })

  test('nothing of ours left leaves no trace, as kubeadm would have it', () => {
    const after = applied(applied(node(), marks({ rack: '1' })), marks({}))
    expect(after.metadata.annotations).toEqual({})
    expect(after.metadata.labels).toEqual({})
  })

  test('a label somebody else set, and never was ours, stays', () => {
    expect(differences(node({ team: 'x' }), marks({}))).toEqual([])
  })

  test("a control plane that also takes workloads loses kubeadm's taint", () => {
    const wish = marks({}, [], { unwantedTaints: ['node-role.kubernetes.io/master:NoSchedule'] })
    const tainted = node({}, [{ key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' }])
    expect(applied(tainted, wish).spec.taints).toEqual([])
  })

  test('a note that the kubelet wrote, or changed, is no reason to remove anything', () => {
    const secure = [{ key: 'dedicated', value: 'secure', effect: 'NoSchedule' }]
    const forged = node({ 'node-restriction.kubernetes.io/tier': 'secure' }, secure)
    const claim = { labels: ['node-restriction.kubernetes.io/tier'], taints: ['dedicated:NoSchedule'] }
    forged.metadata.annotations[ownMarks] = JSON.stringify(claim)
    expect(applied(forged, marks({})).spec.taints).toEqual(secure)
    expect(applied(forged, marks({})).metadata.labels).toEqual(forged.metadata.labels)
    const ours = applied(node({}, secure), marks({ rack: '1' }))
    ours.metadata.annotations[ownMarks] = JSON.stringify(claim)
    expect(applied(ours, marks({ rack: '1' })).spec.taints).toEqual(secure)
    expect(differences(ours, marks({ rack: '1' }))).toEqual([`annotation ${ownMarks}`])
  })

  test('a note that is not ours is no reason to remove anything', () => {
    const strange = node({ a: '1' })
    strange.metadata.annotations[ownMarks] = 'not json'
    expect(applied(strange, marks({})).metadata.labels).toEqual({ a: '1' })
  })

  test('after the patch there is no difference, and the version read goes with it', () => {
    const key = fc.constantFrom('a', 'b', 'c')
    const labels = fc.dictionary(key, fc.constantFrom('1', '2'))
    const taints = fc.uniqueArray(
      fc.record({
        key,
        value: fc.constantFrom('x', 'y'),
        effect: fc.constantFrom('NoSchedule', 'NoExecute'),
      }),
      { selector: (taint) => `${taint.key}:${taint.effect}` },
    )
    fc.assert(
      fc.property(labels, taints, labels, taints, labels, taints, (l0, t0, l1, t1, l2, t2) => {
        const first = applied(node(l0, t0), marks(l1, t1))
        const second = applied(first, marks(l2, t2))
        expect(differences(second, marks(l2, t2))).toEqual([])
        expect(second.metadata.labels).toMatchObject(l2)
        for (const name of Object.keys(l1))
          if (!(name in l2)) expect(second.metadata.labels[name]).toBeUndefined()
      }),
    )
    expect(patchFor(node(), marks({})).metadata).toMatchObject({ resourceVersion: '7' })
  })
})
