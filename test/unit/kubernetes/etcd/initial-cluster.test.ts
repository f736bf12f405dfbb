import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { foundingOf, joiningCluster } from '../../../../src/kubernetes/etcd/initial-cluster.js'
import { staticPods } from '../../../../src/kubernetes/manifests/static-pods.js'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { renderYaml } from '../../../../src/kubernetes/render-yaml.js'
import { clusterSpec, hostSpec } from '../../../support/spec.js'

const url = (n: number): string => `https://10.88.0.1${n}:2380`
const member = (n: number, name = `cp${n}`) => ({ id: `a${n}`, name, peerUrls: [url(n)] })

describe('what a joining member is told', () => {
  test("is every member in etcd's order, itself by its name, the unnamed by their ids", () => {
    const members = [member(1), member(3, ''), member(2, '')]
    expect(joiningCluster(members, { name: 'cp2', peerUrl: url(2) })).toEqual({
      initialCluster: `cp1=${url(1)},a3=${url(3)},cp2=${url(2)}`,
      initialClusterState: 'existing',
    })
  })

  test.each([
    ['a line of a unit', 'cp1\nExecStartPre=/bin/sh -c id'],
    ['a flag', 'cp1 --force-new-cluster'],
    ['another member', 'cp1=https://10.0.0.66:2380,cp1'],
    ['a quote', "cp1'"],
  ])('of a member that calls itself %s is its id', (_, name) => {
    const told = joiningCluster([member(1, name), member(2, '')], { name: 'cp2', peerUrl: url(2) })
    expect(told.initialCluster).toBe(`a1=${url(1)},cp2=${url(2)}`)
  })

  test.each([
    '',
    'https://10.0.0.66:2380,cp9=https://10.0.0.67:2380',
    'https://x y',
    'file:///etc',
    'https://a:1/\nx',
  ])('is nothing where a member has %j for a peer URL', (bad) => {
    const members = [{ ...member(1), peerUrls: [bad] }, member(2, '')]
    expect(() => joiningCluster(members, { name: 'cp2', peerUrl: url(2) })).toThrowError(
      expect.objectContaining({ kind: 'step', message: expect.stringContaining('etcd member a1') }),
    )
  })

  test('is read back from its manifest', () => {
    const told = joiningCluster([member(1), member(2, '')], { name: 'cp2', peerUrl: url(2) })
    const pods = staticPods(clusterSpec(), hostSpec({ name: 'cp2' }), releaseFor('1.20.2'), {
      caDirectories: [],
      ...told,
    })
    expect(foundingOf(renderYaml(pods.get('etcd')))).toEqual(told)
  })
})

describe('what a manifest on disk tells its member', () => {
  test("is kubeadm's own entry on the control plane a cluster was born on", () => {
    const path = new URL('../../../golden/data/v1.20.2-stacked/files/etcd.yaml', import.meta.url)
    expect(foundingOf(readFileSync(path, 'utf8'))).toEqual({
      initialCluster: 'cp1=https://10.88.0.15:2380',
    })
  })

  test.each(['', 'a: [', 'spec: {}', 'spec: { containers: [{ command: [etcd] }] }'])(
    'is nothing where there is none (%j)',
    (text) => {
      expect(foundingOf(text)).toBeUndefined()
    },
  )
})
