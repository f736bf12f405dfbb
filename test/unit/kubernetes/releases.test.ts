import { describe, expect, it } from 'vitest'
import { fieldProblems } from '../../../src/inventory/config-problems.js'
import { imageFor } from '../../../src/kubernetes/images.js'
import { after, gone } from '../../../src/kubernetes/releases/difference.js'
import { releaseFor, releases, supportedMinors } from '../../../src/kubernetes/releases/index.js'
import type { Release } from '../../../src/kubernetes/releases/release.js'
import { UserError } from '../../../src/lib/errors.js'
import type { Fields, FieldType } from '../../../src/lib/field-type.js'
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

  it('are named where another is asked for, with the way out for one that is newer', () => {
    const next = (version: string): string | undefined => {
      try {
        releaseFor(version)
      } catch (error) {
        return error instanceof UserError ? error.next : undefined
      }
      return undefined
    }
    expect(next('1.19.9')).toBe('set kubernetes.version to a version of 1.20 to 1.37')
    expect(next('1.38.0')).toBe(`${next('1.19.9')}, or use a newer kubestrap`)
  })
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
    expect(imageFor('kube-proxy', spec, releaseFor('1.36.2+lab.1'))).toBe(
      'registry.k8s.io/kube-proxy:v1.36.2_lab.1',
    )
  })
})

describe('A release as the difference from its predecessor', () => {
  it('are all minors in a row, each with a patch release of its own', () => {
    const first = 20
    expect(supportedMinors).toEqual(releases.map((_, index) => `1.${first + index}`))
    for (const { minor, patch } of releases) expect(patch.startsWith(`${minor}.`)).toBe(true)
  })

  it('merges mappings, replaces lists and values, and drops what is gone', () => {
    const [first] = releases
    if (!first) throw new Error('no release')
    const next = after(first, {
      minor: '1.21',
      patch: '1.21.0',
      untested: true,
      images: { etcd: '9' },
      certificates: { adminOrganization: 'them', kubeletClientOrganization: undefined },
      staticPods: { flags: { 'kube-scheduler': { port: gone, v: '4' } }, caDirectories: ['/one'] },
      kubelet: { cgroups: { v1: { refusedUnless: 'x' } } },
    })
    expect(next.images).toEqual({ ...first.images, etcd: '9' })
    expect(next.certificates.kubeletClientOrganization).toBeUndefined()
    expect(next.staticPods.flags).toStrictEqual({ ...first.staticPods.flags, 'kube-scheduler': { v: '4' } })
    expect(next.staticPods.caDirectories).toEqual(['/one'])
    expect(next.kubelet.cgroups).toEqual({ v1: { refusedUnless: 'x' }, v2: 'early' })
    expect(first.staticPods.flags['kube-scheduler']).toEqual({ port: '0' })
  })

  it.each(releases)(
    '$minor has no type of a field that is two at once, and nothing that is gone',
    (release) => {
      const kinds = ['int', 'oneOf', 'list', 'map', 'fields', 'either']
      const look = (fields: Fields): void => {
        for (const [name, type] of Object.entries(fields)) lookAt(name, type)
      }
      const lookAt = (name: string, type: FieldType): void => {
        if (typeof type === 'string') return
        expect([name, Object.keys(type).filter((key) => kinds.includes(key)).length]).toEqual([name, 1])
        if ('fields' in type) look(type.fields)
        if ('list' in type) lookAt(name, type.list)
        if ('map' in type) lookAt(name, type.map)
        if ('either' in type) for (const one of type.either) lookAt(name, one)
      }
      look(release.kubelet.fields)
      look(release.kubeProxy.fields)
      const symbols = (value: unknown): boolean =>
        typeof value === 'symbol' ||
        (typeof value === 'object' && value !== null && Object.values(value).some(symbols))
      expect(symbols(release)).toBe(false)
    },
  )

  it('refuses a field of a later minor, and one that a minor no longer has', () => {
    const found = (minor: string, kubelet: Record<string, unknown>) =>
      fieldProblems(kubelet, { fields: releaseFor(`${minor}.0`).kubelet.fields }, ['kubelet'], minor).length
    expect([found('1.30', { failCgroupV1: false }), found('1.31', { failCgroupV1: false })]).toEqual([1, 0])
    expect([found('1.22', { registerNode: true }), found('1.23', { registerNode: true })]).toEqual([1, 0])
    const sanitization = { logging: { sanitization: true } }
    expect([found('1.23', sanitization), found('1.24', sanitization)]).toEqual([0, 1])
    const text = { logging: { flushFrequency: '5s' } }
    expect([found('1.27', text), found('1.28', text)]).toEqual([1, 0])
  })
})

/** Milestones of kubeadm by which one can see that a difference stands in the right file: the last minor without, the first with. */
describe('What changed in kubeadm', () => {
  const of = <T>(look: (release: Release) => T, before: string, then: string): [T, T] => [
    look(releaseFor(`${before}.0`)),
    look(releaseFor(`${then}.0`)),
  ]
  it.each<[string, (release: Release) => unknown, string, string, unknown, unknown]>([
    [
      'systemd is the cgroup driver',
      (r) => r.kubelet.defaults.cgroupDriver,
      '1.20',
      '1.21',
      undefined,
      'systemd',
    ],
    [
      'v1beta3',
      (r) => r.clusterConfiguration.apiVersion,
      '1.21',
      '1.22',
      'kubeadm.k8s.io/v1beta2',
      'kubeadm.k8s.io/v1beta3',
    ],
    ['no ClusterStatus', (r) => r.clusterConfiguration.clusterStatus, '1.21', '1.22', true, false],
    [
      'no insecure port',
      (r) => r.staticPods.flags['kube-apiserver'],
      '1.21',
      '1.22',
      { 'insecure-port': '0' },
      {},
    ],
    ['no port=0', (r) => r.staticPods.flags['kube-scheduler'], '1.22', '1.23', { port: '0' }, {}],
    [
      'kubelet-config without minor',
      (r) => r.kubelet.configMap,
      '1.23',
      '1.24',
      'kubelet-config-1.23',
      'kubelet-config',
    ],
    ['no dockershim', (r) => r.kubelet.runtimeFlags.docker !== undefined, '1.23', '1.24', true, false],
    [
      'no master label',
      (r) => 'node-role.kubernetes.io/master' in r.node.labels,
      '1.23',
      '1.24',
      true,
      false,
    ],
    ['no master taint', (r) => r.node.taints.length, '1.24', '1.25', 2, 1],
    [
      'no --container-runtime',
      (r) => r.kubelet.runtimeFlags.other?.['container-runtime'],
      '1.25',
      '1.26',
      'remote',
      undefined,
    ],
    ['super-admin.conf', (r) => r.kubeconfig.superAdmin, '1.28', '1.29', false, true],
    ['v1beta4', (r) => r.clusterConfiguration.extraArgs, '1.30', '1.31', 'map', 'list'],
    ['local kubelets', (r) => r.kubeconfig.kubeletLocal, '1.32', '1.33', false, true],
    ['instance-config.yaml', (r) => r.kubelet.endpoint, '1.33', '1.34', 'flags', 'config'],
    [
      'no cgroup v1',
      (r) => r.kubelet.cgroups.v1,
      '1.34',
      '1.35',
      'stable',
      { refusedUnless: 'failCgroupV1' },
    ],
    ['kube-proxy is told its mode', (r) => r.kubeProxy.defaults.mode, '1.36', '1.37', '', 'iptables'],
  ])('%s', (_title, look, before, then, was, is) => {
    expect(of(look, before, then)).toEqual([was, is])
  })
})
