import { expect, test } from 'vitest'
import { releaseFor } from '../../../../src/kubernetes/releases/index.js'
import { notCloser } from '../../../../src/phases/preflight/closer.js'
import { kubeletFieldChecks } from '../../../../src/phases/preflight/kubelet-field-checks.js'
import { contextOf, machine } from '../../../support/context.js'

function told(version: string, config: object, ofWorker: Record<string, unknown> = {}): string[] {
  const worker = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'], kubeletConfig: ofWorker })
  const base = contextOf([machine(), worker], { release: releaseFor(version) })
  const spec = {
    ...base.spec,
    kubelet: { config: { ...config }, extraArgs: {} },
    at: (path: string) => `i.yaml ${path}`,
  }
  return kubeletFieldChecks.flatMap(({ run }) =>
    run({ ...base, spec }, notCloser).map(({ host, what, next }) => `${host}: ${what} → ${next}`),
  )
}

test('fields that the kubelet has pass, those of its kind too', () => {
  expect(told('1.20.2', { kind: 'KubeletConfiguration', maxPods: 50, evictionHard: {} })).toEqual([])
  expect(told('1.36.2', { memorySwap: {}, failCgroupV1: false })).toEqual([])
})

test('a slip of the fingers is told once, with what was meant', () => {
  expect(told('1.20.2', { maxPod: 50 }, { maxPod: 60 })).toEqual([
    'cp1: the kubelet of Kubernetes 1.20 has no field maxPod and will leave it out (i.yaml kubelet.config.maxPod) → did you mean maxPods?',
  ])
})

test('so is a field of a host’s own, and one of a later minor', () => {
  expect(told('1.20.2', {}, { seccompDefault: true })).toEqual([
    'w1: the kubelet of Kubernetes 1.20 has no field seccompDefault and will leave it out (inventory.yaml:1:1) → see KubeletConfiguration (v1beta1) of that version',
  ])
  expect(told('1.36.2', {}, { seccompDefault: true })).toEqual([])
})
