import { describe, expect, it } from 'vitest'
import { releases } from '../../../src/kubernetes/releases/index.js'
import { programChanges } from '../../../src/upgrade/hop-changes.js'
import { type Hop, hopsTo, type VersionWish } from '../../../src/upgrade/hops.js'
import type { NodeRuns } from '../../../src/upgrade/node-runs.js'
import { type Supply, supplyOf } from '../../../src/upgrade/supply.js'
import { plane, threeAndTwo, worker } from '../../support/node-runs.js'

const download = supplyOf('download', undefined)

const wish = (nodes: readonly NodeRuns[], wished: string, supply: Supply = download): VersionWish =>
  hopsTo({ nodes, unknown: [] }, wished, supply)

function hops(found: VersionWish): readonly Hop[] {
  if ('hops' in found) return found.hops
  throw new Error(`no hops: ${JSON.stringify(found)}`)
}

const stops = (found: VersionWish): string[] => hops(found).map(({ from, to }) => `${from} → ${to}`)

/** "cp1 api 1.35.6→1.36.3 kubelet 1.35.6→1.36.3" */
const machines = (hop: Hop | undefined): string[] =>
  (hop?.machines ?? []).map(({ host, controlPlane: plane, kubelet }) =>
    [
      host,
      ...(plane ? [`api ${plane.from}→${plane.to}`] : []),
      ...(kubelet ? [`kubelet ${kubelet.from}→${kubelet.to}`] : []),
    ].join(' '),
  )

describe('The version that runs', () => {
  it('needs no hop', () => {
    expect(wish(threeAndTwo('1.36.3'), '1.36.3')).toEqual({ kind: 'none', behind: [] })
  })

  it('is not there before the birth', () => {
    expect(wish([], '1.36.3')).toEqual({ kind: 'birth' })
    // a kubelet of a birth that was cut
    expect(wish([worker('w1', '1.36.3')], '1.36.3')).toEqual({ kind: 'birth' })
  })
})

describe('A newer patch release', () => {
  const found = wish([plane('cp1', '1.35.6'), worker('w1', '1.35.6')], '1.35.7')

  it('is one hop within the minor', () => {
    expect(found).toMatchObject({ kind: 'patch', halfWay: false })
    expect(stops(found)).toEqual(['1.35.6 → 1.35.7'])
  })

  it('changes API server and kubelet of each machine', () => {
    expect(machines(hops(found)[0])).toEqual([
      'cp1 api 1.35.6→1.35.7 kubelet 1.35.6→1.35.7',
      'w1 kubelet 1.35.6→1.35.7',
    ])
  })

  it('may be newer than every one that is known', () => {
    expect(wish(threeAndTwo('1.35.6'), '1.35.99')).toMatchObject({ kind: 'patch' })
  })
})

describe('Every hop from a minor to the next', () => {
  it.each(releases.slice(1).map((to, i) => [releases[i]?.patch ?? '', to.patch, to] as const))(
    '%s to %s',
    (from, to, release) => {
      const found = wish(threeAndTwo(from), to)
      expect(found).toMatchObject({ kind: 'minor', halfWay: false })
      expect(hops(found)).toMatchObject([
        { from, to, kind: 'minor', untested: release.untested, available: true },
      ])
      expect(hops(found)[0]?.machines).toHaveLength(5)
    },
  )
})

describe('Several minors', () => {
  it('are a hop each, to the newest known patch release of each between', () => {
    const found = wish(threeAndTwo('1.33.10'), '1.36.2')
    expect(found.kind).toBe('minors')
    const patch = (minor: string): string => releases.find((one) => one.minor === minor)?.patch ?? ''
    expect(stops(found)).toEqual([
      `1.33.10 → ${patch('1.34')}`,
      `${patch('1.34')} → ${patch('1.35')}`,
      `${patch('1.35')} → 1.36.2`,
    ])
  })

  it('lead through every minor from the first to the last that is known', () => {
    const found = wish(threeAndTwo(releases[0]?.patch ?? ''), releases.at(-1)?.patch ?? '')
    expect(hops(found).map(({ to }) => to)).toEqual(releases.slice(1).map(({ patch }) => patch))
  })

  it('that the source does not have are told', () => {
    const bundle = hops(wish(threeAndTwo('1.34.9'), '1.36.3', supplyOf('bundle', '1.36.3')))
    expect(bundle.map(({ available }) => available)).toEqual([false, true])
    const packages = hops(wish(threeAndTwo('1.22.17'), '1.24.17', supplyOf('packages', undefined)))
    expect(packages.map(({ available }) => available)).toEqual([false, true])
  })
})

describe('A cluster half-way', () => {
  it('is gone on with: machines that have the version are left alone', () => {
    const found = wish([plane('cp1', '1.36.3'), plane('cp2', '1.35.6'), worker('w1', '1.35.6')], '1.36.3')
    expect(found).toMatchObject({ kind: 'minor', halfWay: true })
    expect(machines(hops(found)[0])).toEqual([
      'cp2 api 1.35.6→1.36.3 kubelet 1.35.6→1.36.3',
      'w1 kubelet 1.35.6→1.36.3',
    ])
  })

  it('of which kubelets alone are left', () => {
    const found = wish([plane('cp1', '1.36.3', '1.35.6'), worker('w1', '1.33.10')], '1.36.3')
    expect(found).toMatchObject({ kind: 'minor', halfWay: true })
    expect(machines(hops(found)[0])).toEqual(['cp1 kubelet 1.35.6→1.36.3', 'w1 kubelet 1.33.10→1.36.3'])
  })

  it('comes to one minor first, where a further one is wished', () => {
    const found = wish([plane('cp1', '1.36.9'), plane('cp2', '1.35.6')], '1.37.0')
    // 1.36.9 is newer than what is known, and runs: it is not made older
    expect(stops(found)).toEqual(['1.35.6 → 1.36.9', '1.36.9 → 1.37.0'])
    expect(machines(hops(found)[0])).toEqual(['cp2 api 1.35.6→1.36.9 kubelet 1.35.6→1.36.9'])
  })

  it('of which kubelets are too old for the next API server: they go first', () => {
    const found = wish([plane('cp1', '1.36.3'), worker('w1', '1.33.10')], '1.37.0')
    expect(stops(found)).toEqual(['1.33.10 → 1.36.3', '1.36.3 → 1.37.0'])
    expect(machines(hops(found)[0])).toEqual(['w1 kubelet 1.33.10→1.36.3'])
  })

  it('with a kubelet that is newer than API servers is gone on with, too', () => {
    const found = wish([plane('cp1', '1.35.6'), worker('w1', '1.36.3')], '1.36.3')
    expect(machines(hops(found)[0])).toEqual(['cp1 api 1.35.6→1.36.3 kubelet 1.35.6→1.36.3'])
  })

  it('of which one control plane was cut between its static Pods', () => {
    const cut = { ...plane('cp1', '1.35.6'), apiServer: '1.36.3' }
    const found = wish([cut], '1.37.0')
    expect(machines(hops(found)[0])).toEqual(['cp1 api 1.35.6→1.36.3 kubelet 1.35.6→1.36.3'])
    const [machine] = hops(found)[0]?.machines ?? []
    expect(machine && programChanges(cut, machine).map(({ program }) => program)).toEqual([
      'kube-controller-manager',
      'kube-scheduler',
      'kubelet',
    ])
  })

  it('where two API servers are two minors apart comes together minor by minor', () => {
    const found = wish([plane('cp1', '1.36.3'), plane('cp2', '1.34.9')], '1.36.3')
    expect(hops(found)).toHaveLength(2)
    expect(found).toMatchObject({ kind: 'minors', hops: [{}, { to: '1.36.3' }] })
  })
})

describe('A kubelet of a newer patch release than wished', () => {
  it('is brought to the wished one, as every run does', () => {
    const found = wish([plane('cp1', '1.36.3'), worker('w1', '1.36.5')], '1.36.3')
    expect(found).toMatchObject({ kind: 'patch', halfWay: false })
    expect(machines(hops(found)[0])).toEqual(['w1 kubelet 1.36.5→1.36.3'])
  })
})

describe('A host that is away', () => {
  const away = (node: NodeRuns): NodeRuns => ({ ...node, away: true })

  it('stays as it is, and is named', () => {
    const found = wish([plane('cp1', '1.35.6'), away(worker('w1', '1.35.6'))], '1.36.3')
    expect(found).toMatchObject({ kind: 'minor', behind: ['w1'] })
    expect(machines(hops(found)[0])).toEqual(['cp1 api 1.35.6→1.36.3 kubelet 1.35.6→1.36.3'])
    expect(wish([plane('cp1', '1.36.3'), away(worker('w1', '1.35.6'))], '1.36.3')).toEqual({
      kind: 'none',
      behind: ['w1'],
    })
  })

  it('is in the way of a minor that leaves it too far behind', () => {
    const found = wish([plane('cp1', '1.36.3'), away(worker('w1', '1.33.10'))], '1.37.0')
    expect(found).toMatchObject({ kind: 'refused', reason: 'skew' })
    expect(found).toHaveProperty(
      'why',
      'kubelet 1.33.10 on w1 is more than 3 minors older than the kube-apiserver 1.37.0 on cp1',
    )
  })

  it('is in the way of a new minor where it is a control plane', () => {
    const found = wish([plane('cp1', '1.35.6'), away(plane('cp2', '1.35.6'))], '1.36.3')
    expect(found).toMatchObject({
      kind: 'refused',
      why: 'kubelet 1.36.3 on cp1 is newer than the kube-apiserver 1.35.6 on cp2',
    })
  })
})

describe('Refused', () => {
  it.each([
    [[plane('cp1', '1.36.3')], '1.35.6', 'kube-apiserver 1.36.3 on cp1'],
    [[plane('cp1', '1.36.3')], '1.36.2', 'kube-apiserver 1.36.3 on cp1'],
    [[plane('cp1', '1.35.6'), plane('cp2', '1.36.3')], '1.35.7', 'kube-apiserver 1.36.3 on cp2'],
    [[plane('cp1', '1.35.6'), worker('w1', '1.36.3')], '1.35.7', 'kubelet 1.36.3 on w1'],
  ])('is a downgrade: %#', (nodes, wished, named) => {
    const found = wish(nodes, wished)
    expect(found).toMatchObject({ kind: 'refused', reason: 'downgrade' })
    expect('why' in found && found.why).toContain(named)
  })

  it('is a wished minor that is not known', () => {
    expect(wish(threeAndTwo('1.36.3'), '1.99.0')).toMatchObject({
      reason: 'unknown-minor',
      what: 'Kubernetes 1.99.0 is not supported',
      next: expect.stringContaining('use a newer kubestrap'),
    })
  })

  it('is a cluster of a minor that is not known', () => {
    expect(wish([plane('cp1', '1.19.3')], '1.20.2')).toMatchObject({
      reason: 'unknown-minor',
      why: 'kube-apiserver 1.19.3 on cp1',
      next: 'upgrade the cluster to 1.20 with kubeadm upgrade, minor by minor, and run again',
    })
    expect(wish([plane('cp1', '1.99.3')], '1.36.3')).toMatchObject({ next: 'use a newer kubestrap' })
  })

  it('is what a machine that does not tell might run', () => {
    const unknown = [{ host: 'cp2', program: 'kube-apiserver', why: 'no answer' }]
    expect(hopsTo({ nodes: [plane('cp1', '1.35.6')], unknown }, '1.36.3', download)).toMatchObject({
      reason: 'unknown-version',
      why: 'cp2: kube-apiserver: no answer',
    })
  })
})
