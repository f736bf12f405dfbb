import { describe, expect, test } from 'vitest'
import { kubeVip, kubeVipMark } from '../../../src/balancers/kube-vip/kube-vip.js'
import { kubeVipPod } from '../../../src/balancers/kube-vip/manifest.js'
import type { FileState } from '../../../src/host/host.js'
import { renderYaml } from '../../../src/kubernetes/render-yaml.js'
import { fixture, machine, settings } from './support.js'

const cp1 = machine('cp1', { address: '10.88.0.11', controlPlane: true })
const cp2 = machine('cp2', { address: '10.88.0.12', controlPlane: true })
const admin = '/etc/kubernetes/admin.conf'
const superAdmin = '/etc/kubernetes/super-admin.conf'
const pod = (kubeconfig: string, on = cp1): string =>
  renderYaml(kubeVipPod(on, { ...settings(), virtualIp: '10.88.0.10' }, kubeconfig))

/** As it lies there: with a first line that says whose it is. */
const text = (kubeconfig: string, on = cp1): string => `${kubeVipMark}\n${pod(kubeconfig, on)}`

const there = (content: string): FileState => ({
  kind: 'file',
  mode: '0600',
  owner: 'root:root',
  size: content.length,
  sha256: '',
  content: Buffer.from(content),
})

test("kube-vip's pod is as its own generator writes it for control planes", () => {
  expect(pod(superAdmin)).toBe(fixture('kube-vip.yaml'))
  expect(pod(admin)).toBe(fixture('kube-vip.yaml').replace(superAdmin, admin))
})

describe('kube-vip, where the administrator gets his rights from the first API server', () => {
  const [late1, late2] = [cp1, cp2].map((one) => ({ ...one, superAdmin: true })) as [typeof cp1, typeof cp2]
  const [born] = kubeVip.steps(late1, [late1, late2], settings(), '')

  test('begins on the first control plane with the rights that are there from the start', () => {
    expect(born?.diff({ kind: 'absent' })).toEqual([
      {
        kind: 'create',
        summary: expect.stringMatching(/^write /),
        diff: expect.stringContaining(superAdmin),
      },
    ])
    expect(born?.diff(there(text(superAdmin)))).toEqual([])
  })

  test('does not go back to them when a settled manifest changes', () => {
    expect(born?.diff(there(text(admin)))).toEqual([])
    const [change] = born?.diff(there(text(admin).replace('eth0', 'eth9'))) ?? []
    expect(change?.diff).toContain('+      value: eth0')
    expect(change?.diff).not.toContain('super-admin')
  })

  test('goes over to the ordinary ones when the cluster has its objects', () => {
    const [settled] = kubeVip.settledSteps(late1, [late1, late2], settings())
    expect(settled?.needs).toEqual(['cluster/@cluster-config'])
    const [change] = settled?.diff(there(text(superAdmin))) ?? []
    expect(change?.diff).toContain(`-      path: ${superAdmin}\n+      path: ${admin}`)
  })

  test('has the ordinary ones from the start on other control planes, and where all is as before 1.29', () => {
    for (const on of [late2, cp1]) {
      const [step, ...more] = kubeVip.steps(on, [cp1, cp2], settings(), '')
      expect([more, kubeVip.settledSteps(on, [cp1, cp2], settings())]).toEqual([[], []])
      const [change] = step?.diff({ kind: 'absent' }) ?? []
      expect(change?.diff).toContain(`path: ${admin}`)
    }
  })
})
