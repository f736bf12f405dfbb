import { describe, expect, it } from 'vitest'
import { fieldProblems } from '../../../src/inventory/config-problems.js'
import { imageFor } from '../../../src/kubernetes/images.js'
import { releaseFor, supportedMinors } from '../../../src/kubernetes/releases/index.js'
import { UserError } from '../../../src/lib/errors.js'
import { clusterSpec } from '../../support/spec.js'

describe('Releases', () => {
  it('are found by the minor of a version', () => {
    expect(supportedMinors.map((minor) => releaseFor(`${minor}.7`).minor)).toEqual(supportedMinors)
  })

  it.each(['1.19.9', '1.38.0', '1.2.0', '2.20.1', '1.200.1'])(
    '%s is refused as a mistake in the inventory',
    (version) => {
      expect(() => releaseFor(version)).toThrow(UserError)
      expect(() => releaseFor(version)).toThrow(`Kubernetes ${version} is not supported`)
    },
  )
})

describe('Fields of component configurations', () => {
  it.each(supportedMinors)('of %s know all that kubeadm writes, by its type', (minor) => {
    const { kubelet, kubeProxy } = releaseFor(minor)
    for (const { fields, defaults } of [kubelet, kubeProxy]) {
      const whole = { fields: { ...fields, kind: 'any', apiVersion: 'any' } } as const
      expect(fieldProblems(defaults, whole, ['config'], minor)).toEqual([])
    }
  })
})

describe('Images', () => {
  const release = releaseFor('1.36.2')
  const spec = clusterSpec({ version: '1.36.2' })

  it('CoreDNS lies in a sub-directory of the default registry only', () => {
    expect(imageFor('coredns', spec, release)).toBe('registry.k8s.io/coredns/coredns:v1.14.2')
    expect(imageFor('coredns', { ...spec, imageRepository: 'mirror.lan/k8s' }, release)).toBe(
      'mirror.lan/k8s/coredns:v1.14.2',
    )
  })

  it('a tag of the inventory wins, and a build suffix has no "+" in a tag', () => {
    expect(imageFor('etcd', { ...spec, etcd: { ...spec.etcd, imageTag: '3.6.9-0' } }, release)).toBe(
      'registry.k8s.io/etcd:3.6.9-0',
    )
    expect(imageFor('kube-proxy', { ...spec, version: '1.36.2+lab.1' }, release)).toBe(
      'registry.k8s.io/kube-proxy:v1.36.2_lab.1',
    )
  })
})
