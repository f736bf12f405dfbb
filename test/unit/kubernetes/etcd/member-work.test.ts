import { describe, expect, test } from 'vitest'
import type { EtcdMember } from '../../../../src/kubernetes/client/etcd.js'
import { hasLearners, memberWork, remnants } from '../../../../src/kubernetes/etcd/member-work.js'

const url = (n: number): string => `https://10.88.0.1${n}:2380`
const member = (n: number, over: Partial<EtcdMember> = {}): EtcdMember => ({
  id: `a${n}`,
  name: `cp${n}`,
  peerUrls: [url(n)],
  clientUrls: [url(n).replace('2380', '2379')],
  learner: false,
  ...over,
})
const unstarted = { name: '', clientUrls: [] }
const own = { name: 'cp2', peerUrl: url(2), dataDir: '/var/lib/etcd' }
const bare = { data: false, manifest: undefined }
const written = { data: false, manifest: 'kind: Pod' }
const lived = { data: true, manifest: 'kind: Pod' }

describe('what is left to do for an etcd member', () => {
  test.each([
    ['a control plane etcd does not know is added', [member(1)], bare, { kind: 'add' }],
    [
      'one that was added and not told is completed, never added twice',
      [member(1), member(2, { ...unstarted, learner: true })],
      bare,
      { kind: 'complete', id: 'a2', learner: true },
    ],
    [
      'and so is one that was told and has not started',
      [member(1), member(2, unstarted)],
      written,
      { kind: 'complete', id: 'a2', learner: false },
    ],
    [
      'and one that has just started and not said its name',
      [member(1), member(2, { ...unstarted, learner: true })],
      lived,
      { kind: 'complete', id: 'a2', learner: true },
    ],
    [
      'a founder that never started is started, not replaced',
      [member(1), member(2, { clientUrls: [] })],
      written,
      { kind: 'complete', id: 'a2', learner: false },
    ],
    [
      'a learner that runs gets its vote',
      [member(1), member(2, { learner: true })],
      lived,
      { kind: 'promote', id: 'a2' },
    ],
    ['one that votes is left alone', [member(1), member(2)], lived, { kind: 'nothing' }],
    [
      'also when its manifest is gone, which another step writes',
      [member(1), member(2)],
      { data: true, manifest: undefined },
      { kind: 'nothing' },
    ],
    [
      'one whose data is gone is replaced',
      [member(1), member(2)],
      written,
      { kind: 'replace', id: 'a2', name: 'cp2', learner: false },
    ],
    [
      'whatever name it had',
      [member(1), member(2, { name: 'old' })],
      bare,
      { kind: 'replace', id: 'a2', name: 'old', learner: false },
    ],
  ])('%s', (_what, members, local, work) => {
    expect(memberWork(own, members, local)).toEqual(work)
  })

  test.each([
    [
      'data of a cluster that does not know it',
      [member(1)],
      lived,
      'has no member at https://10.88.0.12:2380',
    ],
    [
      'data without the manifest that would have come before',
      [member(1), member(2, unstarted)],
      { data: true, manifest: undefined },
      'has never started',
    ],
    [
      'a namesake elsewhere',
      [member(1), member(9, { name: 'cp2' })],
      bare,
      'another member called cp2, at https://10.88.0.19:2380 (id a9)',
    ],
  ])('is refused with %s', (_what, members, local, words) => {
    const work = memberWork(own, members, local)
    expect(work.kind).toBe('refuse')
    expect(work.kind === 'refuse' ? work.why : '').toContain(words)
  })
})

test('remnants are members that never started and whose host is not in the inventory', () => {
  const members = [member(1), member(2, unstarted), member(3, { ...unstarted, learner: true }), member(4)]
  expect(remnants(members, [url(1), url(2)]).map(({ id }) => id)).toEqual(['a3'])
})

test.each([
  ['3.3.25', false],
  ['3.4.13', true],
  ['3.6.8', true],
  ['4.0.0', true],
])('etcd %s has learners: %s', (version, has) => {
  expect(hasLearners(version)).toBe(has)
})
