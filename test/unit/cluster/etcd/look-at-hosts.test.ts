import { describe, expect, test } from 'vitest'
import { chooseEtcdHosts, type EtcdHostState } from '../../../../src/cluster/etcd/look-at-hosts.js'
import type { EtcdMember } from '../../../../src/kubernetes/client/etcd.js'
import { unitFounding } from '../../../../src/steps/etcd/unit-file-step.js'

const url = (n: number): string => `https://10.88.0.3${n}:2380`
const all = [1, 2, 3].map((n) => `e${n}=${url(n)}`).join(',')
const host = (n: number, over: Partial<EtcdHostState> = {}): EtcdHostState => ({
  name: `e${n}`,
  peerUrl: url(n),
  data: false,
  unit: false,
  told: undefined,
  marked: false,
  living: false,
  members: [],
  ...over,
})
const member = (n: number, over: Partial<EtcdMember> = {}): EtcdMember => ({
  id: `a${n}`,
  name: `e${n}`,
  peerUrls: [url(n)],
  clientUrls: [url(n).replace('2380', '2379')],
  learner: false,
  ...over,
})
const begun = { data: true, unit: true, told: all, marked: true }
const stopped = { data: true, unit: true, told: all }
const shown = (states: readonly EtcdHostState[]) => {
  const { order, founding, joining, halfAdded, fresh, told } = chooseEtcdHosts(states)
  const sets = { founding, joining, halfAdded, fresh }
  return {
    order: order.join(' '),
    told,
    ...Object.fromEntries(Object.entries(sets).map(([key, set]) => [key, [...set].join(' ')])),
  }
}

describe('hosts with the role etcd', () => {
  test('found a cluster together while none has anything', () => {
    expect(shown([host(1), host(2), host(3)])).toEqual({
      order: 'e1 e2 e3',
      told: undefined,
      founding: 'e1 e2 e3',
      joining: '',
      halfAdded: '',
      fresh: 'e1 e2 e3',
    })
  })

  test('go on founding it when a run was cut, with what those were told that have begun', () => {
    expect(shown([host(1), host(2, begun), host(3, { unit: true })])).toMatchObject({
      order: 'e2 e1 e3',
      told: all,
      founding: 'e1 e2 e3',
      joining: '',
      fresh: 'e1',
    })
  })

  test('one that came into the inventory since is no founder', () => {
    const states = [host(1, begun), host(2), host(3), host(4)]
    expect(shown(states)).toMatchObject({ founding: 'e1 e2 e3', joining: 'e4' })
  })

  test('are started when all are stopped: nobody joins', () => {
    expect(shown([host(1, stopped), host(2, stopped), host(3, stopped)])).toMatchObject({
      founding: '',
      joining: '',
    })
  })

  test('one without data is no founder of a cluster that has lived, also while nobody answers', () => {
    expect(shown([host(1, stopped), host(2, { unit: true }), host(3, stopped)])).toMatchObject({
      order: 'e1 e3 e2',
      founding: '',
      joining: 'e2',
    })
  })

  test('join a living cluster that does not know them or has lost them; half-added ones are named', () => {
    const living = {
      ...stopped,
      living: true,
      members: [member(1), member(2), member(3, { name: '', clientUrls: [], learner: true })],
    }
    expect(shown([host(1, living), host(2), host(3), host(4, stopped)])).toMatchObject({
      order: 'e1 e4 e2 e3',
      founding: '',
      joining: 'e2 e3 e4',
      halfAdded: 'e3',
    })
  })
})

describe('what a unit tells its member', () => {
  test('is the founders, for a founder and for one that has data and lost its unit', () => {
    expect(unitFounding({ joining: false, data: false }, undefined, all)).toEqual({ initialCluster: all })
    expect(unitFounding({ joining: false, data: true }, undefined, all)).toEqual({ initialCluster: all })
  })

  test('stays as it is once there are data, whatever became of the cluster', () => {
    const told = { initialCluster: 'e1=x', initialClusterState: 'existing' } as const
    expect(unitFounding({ joining: false, data: true }, told, all)).toEqual(told)
    expect(unitFounding({ joining: true, data: true }, told, all)).toEqual(told)
  })

  test('is not known yet for one that joins', () => {
    expect(() => unitFounding({ joining: true, data: false }, { initialCluster: all }, all)).toThrow(
      "etcd's members",
    )
  })
})
