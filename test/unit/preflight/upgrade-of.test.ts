import { describe, expect, it } from 'vitest'
import { releaseFor } from '../../../src/kubernetes/releases/index.js'
import { refusePart } from '../../../src/preflight/refuse-part.js'
import { upgradeOf } from '../../../src/preflight/upgrade-of.js'
import { contextOf, machine, withVersion } from '../../support/context.js'
import { clusterSpec } from '../../support/spec.js'

const machines = ['cp1', 'cp2', 'w1', 'w2'].map((name, i) =>
  machine({
    name,
    address: `10.88.0.${i + 11}`,
    roles: [name.startsWith('cp') ? 'control-plane' : 'worker'],
  }),
)
const context = contextOf(machines, { spec: clusterSpec({ hosts: machines.map(({ spec }) => spec) }) })
const now = 'v1.20.2'
const found = (
  pods: Record<string, readonly string[]>,
  kubelets: Record<string, string> = {},
  etcd: Record<string, string> = {},
) =>
  upgradeOf(context, {
    disk: { versions: new Map(Object.entries(pods)), etcdTags: new Map(Object.entries(etcd)) },
    nodes: Object.entries(kubelets).map(([name, kubelet]) => ({ name, kubelet })),
    silent: false,
  })

describe('an upgrade', () => {
  it('is none where all run what the inventory says, and at a birth', () => {
    expect(found({ cp1: [now, now, now], cp2: [now] }, { cp1: now, w1: now, w2: '' })).toBeUndefined()
    expect(found({}, {})).toBeUndefined()
  })

  it('is of the control plane nodes that run another version, in the order of the inventory', () => {
    const old = ['v1.19.9', 'v1.19.9', 'v1.19.9']
    const kubelets = { cp1: 'v1.19.9', cp2: 'v1.19.9', w1: 'v1.19.9', w2: 'v1.19.9', stranger: 'v1.18.1' }
    expect(found({ cp2: old, cp1: old }, kubelets)).toEqual({
      from: '1.19.9',
      to: '1.20.2',
      planes: ['cp1', 'cp2'],
      untouched: new Set(['cp1', 'cp2']),
      begun: false,
      silent: false,
      kubelets: new Set(['cp1', 'cp2', 'w1', 'w2']),
      drained: new Set(['cp1', 'cp2', 'w1', 'w2']),
    })
  })

  it('drains no node for another patch', () => {
    const upgrade = found({ cp1: ['v1.20.1'], cp2: ['v1.20.1'] }, { cp1: 'v1.20.1', w1: 'v1.20.1' })
    expect(upgrade?.drained).toEqual(new Set())
  })

  it('that was cut is gone on with: what is done is not done again', () => {
    expect(
      found({ cp1: [now, now, 'v1.20.1'], cp2: ['v1.20.1'] }, { cp1: 'v1.20.1', w1: now }),
    ).toMatchObject({ planes: ['cp1', 'cp2'], untouched: new Set(['cp2']) })
    expect(found({ cp1: [now], cp2: [now] }, { cp1: now, w1: 'v1.19.3' })).toMatchObject({
      from: '1.19.3',
      planes: [],
      drained: new Set(['w1']),
    })
  })

  it('is none for a node that is away: it is caught up when it is reached again', () => {
    const [cp1, cp2, w1] = machines
    const reached = [cp1, cp2, w1].flatMap((one) => one ?? [])
    const nodes = [{ name: 'w2', kubelet: 'v1.19.3' }]
    expect(
      upgradeOf(
        { ...context, machines: reached },
        { disk: { versions: new Map(), etcdTags: new Map() }, nodes, silent: false },
      ),
    ).toBeUndefined()
  })

  it.each<[string, boolean, Record<string, string[]>, Record<string, string>]>([
    ['nothing of it is there', false, { cp1: ['v1.20.1'], cp2: ['v1.20.1'] }, {}],
    ['one node is done', true, { cp1: [now, now, now], cp2: ['v1.20.1'] }, {}],
    ['one Pod of one node is done', true, { cp1: [now, 'v1.20.1', 'v1.20.1'], cp2: ['v1.20.1'] }, {}],
    ['kubelets alone are left', true, { cp1: [now], cp2: [now] }, { w1: 'v1.20.1' }],
  ])('is begun or not: %s', (_, begun, pods, kubelets) => {
    expect(found(pods, kubelets)?.begun).toBe(begun)
  })

  it('is begun where etcd alone was replaced, and its release is another than the old one had', () => {
    const spec = { ...context.spec, version: '1.34.9' }
    const later = { ...context, spec, machines: machines.map((one) => withVersion('1.34.9', one)) }
    const begun = (...tags: string[]): boolean | undefined =>
      upgradeOf(later, {
        disk: {
          versions: new Map([['cp1', ['v1.33.13']]]),
          etcdTags: new Map(tags.map((tag, i) => [`cp${i + 1}`, tag])),
        },
        nodes: [],
        silent: true,
      })?.begun
    const [old, next] = [releaseFor('1.33.13').images.etcd, releaseFor('1.34.9').images.etcd]
    expect(begun(old, old)).toBe(false)
    expect(begun(next, old)).toBe(true)
    // an etcd that was changed for itself, before the upgrade
    expect(begun(next, next)).toBe(false)
  })
})

describe('a part of an upgrade', () => {
  const upgrade = found({ cp1: ['v1.20.1'], cp2: ['v1.20.1'] }, {})
  const begun = (chosen: string[] | undefined, away: string[] = [], planes = upgrade) => {
    if (!planes) throw new Error('no upgrade')
    refusePart({ spec: context.spec, away: new Set(away) }, planes, {
      chosen: chosen && new Set(chosen),
      limited: chosen !== undefined,
    })
  }

  it('may leave workers out, and may be them alone once every control plane node is upgraded', () => {
    expect(() => begun(undefined)).not.toThrow()
    expect(() => begun(['cp1', 'cp2'])).not.toThrow()
    expect(() => begun(undefined, ['w1'])).not.toThrow()
    const workers = found({ cp1: [now], cp2: [now] }, { w1: 'v1.20.1' })
    expect(() => begun(['w1'], [], workers)).not.toThrow()
  })

  it('is never some of its phases', () => {
    if (!upgrade) throw new Error('no upgrade')
    expect(() =>
      refusePart({ spec: context.spec, away: new Set() }, upgrade, { chosen: undefined, limited: true }),
    ).toThrowError(expect.objectContaining({ kind: 'usage', next: 'run kubestrap up' }))
  })

  it('never leaves a control plane node behind', () => {
    expect(() => begun(['cp1', 'w1'])).toThrowError(
      expect.objectContaining({ kind: 'usage', why: expect.stringContaining('leaves out cp2') }),
    )
    expect(() => begun(undefined, ['cp2'])).toThrowError(
      expect.objectContaining({ kind: 'connection', why: expect.stringContaining('cp2 cannot be reached') }),
    )
  })
})
