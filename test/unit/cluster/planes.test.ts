import { describe, expect, test } from 'vitest'
import { choosePlanes, type PlaneState } from '../../../src/cluster/planes.js'
import type { EtcdMember } from '../../../src/kubernetes/client/etcd.js'

const url = (name: string): string => `https://${name}:2380`
const plane = (name: string, over: Partial<PlaneState> = {}): PlaneState => ({
  name,
  peerUrl: url(name),
  data: false,
  authority: false,
  living: false,
  members: [],
  ...over,
})
const member = (name: string, over: Partial<EtcdMember> = {}): EtcdMember => ({
  id: name,
  name,
  peerUrls: [url(name)],
  clientUrls: [],
  learner: false,
  ...over,
})
const living = (...members: EtcdMember[]) => ({ data: true, authority: true, living: true, members })
const found = (...states: PlaneState[]) => choosePlanes(states)

describe('who leads', () => {
  test('a cluster that is to be born: the first of the inventory, and the others join', () => {
    expect(found(plane('cp1'), plane('cp2'), plane('cp3'))).toEqual({
      leader: 'cp1',
      joining: ['cp2', 'cp3'],
      halfAdded: [],
      estranged: [],
    })
  })

  test('a cluster that lives: a living member, also when a new machine is first in the inventory', () => {
    const cp2 = plane('cp2', living(member('cp2'), member('cp3')))
    const cp3 = plane('cp3', living(member('cp2'), member('cp3')))
    expect(found(plane('cp0'), cp2, cp3)).toEqual({
      leader: 'cp2',
      joining: ['cp0'],
      halfAdded: [],
      estranged: [],
    })
  })

  test('a cluster whose first member lost its data and began anew, alone: not that one, which is told apart', () => {
    const all = [member('cp1'), member('cp2'), member('cp3')]
    const anew = plane('cp1', living(member('cp1')))
    expect(found(anew, plane('cp2', living(...all)), plane('cp3', living(...all)))).toEqual({
      leader: 'cp2',
      joining: [],
      halfAdded: [],
      estranged: ['cp1'],
    })
  })

  test('a member that has just come and is known to all stands for nothing else', () => {
    const all = [member('cp1'), member('cp2')]
    expect(found(plane('cp1', living(...all)), plane('cp2', living(...all))).estranged).toEqual([])
    // alone in its cluster because it is the only one
    expect(found(plane('cp1', living(member('cp1'))), plane('cp2')).estranged).toEqual([])
  })

  test('a birth that was cut before etcd ran: whoever has the authorities', () => {
    expect(found(plane('cp0'), plane('cp1', { authority: true })).leader).toBe('cp1')
  })

  test('a cluster that is down: whoever has data, and nobody with data waits for an API before its kubelet starts', () => {
    const down = { data: true, authority: true }
    expect(found(plane('cp0', { authority: true }), plane('cp1', down), plane('cp2', down))).toEqual({
      leader: 'cp1',
      joining: ['cp0'],
      halfAdded: [],
      estranged: [],
    })
  })
})

describe('who joins', () => {
  test('beside a cluster that lives: also who has data of which that cluster knows nothing', () => {
    const cp1 = plane('cp1', living(member('cp1')))
    expect(found(cp1, plane('cp2', { data: true })).joining).toEqual(['cp2'])
  })

  test('whoever has no vote yet; what an earlier run began with goes first', () => {
    const members = [member('cp1'), member('cp2', { learner: true }), member('cp3', { name: '' })]
    const cp1 = plane('cp1', living(...members))
    expect(found(cp1, plane('cp2', { data: true }), plane('cp3'), plane('cp4'))).toEqual({
      leader: 'cp1',
      joining: ['cp2', 'cp3', 'cp4'],
      halfAdded: ['cp2', 'cp3'],
      estranged: [],
    })
  })

  test('nobody who votes', () => {
    const members = [member('cp1'), member('cp2')]
    expect(found(plane('cp1', living(...members)), plane('cp2', { data: true })).joining).toEqual([])
  })
})
