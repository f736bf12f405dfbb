import { describe, expect, it } from 'vitest'
import type { Living, LivingNode } from '../../../src/preflight/unchangeable.js'
import { worldOf } from '../../../src/workflows/world.js'
import { contextOf, machine } from '../../support/context.js'

const hosts = (kubernetes: boolean) => [
  machine({ name: 'cp1', roles: ['control-plane'] }, { kubernetes }),
  machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] }, { kubernetes }),
  machine({ name: 'lb1', address: '10.88.0.31', roles: ['load-balancer'] }, { kubernetes: false }),
]
const node = (name: string, ready?: boolean): LivingNode => ({
  name,
  address: '',
  runtime: '',
  controlPlane: name === 'cp1',
  ...(ready === undefined ? {} : { ready }),
})
const api = (...nodes: LivingNode[]): Living => ({ clusterConfiguration: '', nodes })
const disk = (over: { living?: string[]; carrying?: string[] } = {}) => ({
  told: [],
  nodes: [],
  living: [],
  carrying: [],
  versions: new Map(),
  etcdTags: new Map(),
  runtimes: new Map(),
  ...over,
})
const living = (answer: Living | undefined, on: ReturnType<typeof disk>, kubernetes = true): string[] =>
  [...worldOf(contextOf(hosts(kubernetes)), answer, on).living].toSorted()

describe('hosts that serve a cluster', () => {
  it('are Nodes that are Ready, what balances before them, and the API', () => {
    expect(living(api(node('cp1', true)), disk())).toEqual(['cluster', 'cp1', 'lb1'])
    expect(living(api(node('cp1', true), node('w1', true)), disk())).toEqual(['cluster', 'cp1', 'lb1', 'w1'])
  })

  it('are Nodes that are not Ready now and have carried Pods', () => {
    expect(living(api(node('cp1', true), node('w1', false)), disk())).not.toContain('w1')
    expect(living(api(node('cp1', true), node('w1', false)), disk({ carrying: ['w1'] }))).toContain('w1')
    expect(living(api(node('cp1')), disk())).toContain('cp1')
  })

  it('are none where a birth was cut before any Node was Ready', () => {
    expect(living(api(node('cp1', false)), disk({ living: ['cp1'] }))).toEqual([])
    expect(living(undefined, disk({ living: ['cp1'] }), false)).toEqual([])
  })

  it('are, while the API is silent, those whose disks say that Pods run or that they joined', () => {
    const worker = [machine({ name: 'cp1', roles: ['control-plane'] }, { kubernetes: true })]
    expect([...worldOf(contextOf(worker), undefined, disk({ living: ['cp1'] })).living]).toEqual([])
    expect(living(undefined, disk({ living: ['cp1'], carrying: ['cp1', 'w1'] }))).toEqual([
      'cluster',
      'cp1',
      'lb1',
      'w1',
    ])
    // w1 joined an API that answered then: its control plane counts too
    expect(living(undefined, disk({ living: ['cp1'] }))).toEqual(['cluster', 'cp1', 'lb1', 'w1'])
  })

  it('are not control planes that have no vote in etcd yet', () => {
    const context = contextOf(hosts(true))
    const joining = { ...context, planes: { ...context.planes, joining: new Set(['cp1']) } }
    const found = worldOf(joining, api(node('cp1', true), node('w1', true)), disk())
    expect([...found.living].toSorted()).toEqual(['cluster', 'lb1', 'w1'])
  })

  it('are not told of a workflow that takes machines as they are', () => {
    expect(worldOf(contextOf(hosts(true)), undefined, undefined).living.size).toBe(0)
  })
})

describe('a birth', () => {
  it('is one while no machine is a node', () => {
    expect(worldOf(contextOf(hosts(false)), undefined, disk()).birth).toBe(true)
    expect(worldOf(contextOf(hosts(true)), undefined, disk()).birth).toBe(false)
  })
})

it('times without an answer are those of several', () => {
  expect(worldOf(contextOf(hosts(true)), undefined, disk()).outages).toEqual({})
  const three = ['cp1', 'cp2', 'cp3'].map((name) =>
    machine({ name, roles: ['control-plane', 'load-balancer'] }),
  )
  expect(worldOf(contextOf(three), undefined, disk()).outages).toEqual({ api: 0.3, etcd: 1.7, balancer: 0.7 })
})
