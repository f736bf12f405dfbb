import { describe, expect, it } from 'vitest'
import {
  newSkewProblems,
  type RunningProgram,
  type SkewedProgram,
  skewProblems,
} from '../../../src/kubernetes/releases/skew.js'
import { nodeLag } from '../../../src/kubernetes/releases/versions.js'

const runs = (program: SkewedProgram, host: string, version: string): RunningProgram => ({
  program,
  host,
  version,
})
const servers = (...versions: string[]): RunningProgram[] =>
  versions.map((version, i) => runs('kube-apiserver', `cp${i + 1}`, version))
const texts = (running: readonly RunningProgram[]): string[] => skewProblems(running).map(({ text }) => text)

describe('The version skew policy', () => {
  it.each([
    ['API servers of one minor and the next', servers('1.36.3', '1.35.7')],
    ['a kubelet three minors older', [...servers('1.36.3'), runs('kubelet', 'w1', '1.33.0')]],
    ['a kubelet of 1.24 two minors older', [...servers('1.26.1'), runs('kubelet', 'w1', '1.24.0')]],
    ['a kubelet of a newer patch release', [...servers('1.36.3'), runs('kubelet', 'w1', '1.36.5')]],
    ['a kubectl one minor newer', [...servers('1.36.3'), runs('kubectl', 'cp1', '1.37.0')]],
    [
      'a scheduler as new as the API server of its host, where another is older',
      [...servers('1.36.3', '1.35.7'), runs('kube-scheduler', 'cp1', '1.36.3')],
    ],
    ['nothing where no API server is known', [runs('kubelet', 'w1', '1.20.0')]],
  ])('allows %s', (_, running) => {
    expect(texts(running)).toEqual([])
  })

  it.each([
    [
      servers('1.36.3', '1.34.9'),
      'API servers are more than one minor apart: kube-apiserver 1.34.9 on cp2, kube-apiserver 1.36.3 on cp1',
    ],
    [
      [...servers('1.36.3', '1.35.7'), runs('kubelet', 'w1', '1.36.3')],
      'kubelet 1.36.3 on w1 is newer than the kube-apiserver 1.35.7 on cp2',
    ],
    [
      // the newest API server bounds it below
      [...servers('1.36.3', '1.35.7'), runs('kubelet', 'w1', '1.32.9')],
      'kubelet 1.32.9 on w1 is more than 3 minors older than the kube-apiserver 1.36.3 on cp1',
    ],
    [
      [...servers('1.27.3'), runs('kube-proxy', 'w1', '1.24.9')],
      'kube-proxy 1.24.9 on w1 is more than 2 minors older than the kube-apiserver 1.27.3 on cp1',
    ],
    [
      [...servers('1.36.3', '1.35.7'), runs('kube-scheduler', 'cp2', '1.36.3')],
      'kube-scheduler 1.36.3 on cp2 is newer than the kube-apiserver 1.35.7 on cp2',
    ],
    [
      [...servers('1.36.3'), runs('kube-controller-manager', 'cp1', '1.34.0')],
      'kube-controller-manager 1.34.0 on cp1 is more than one minor older than the kube-apiserver 1.36.3 on cp1',
    ],
    [
      [...servers('1.35.0'), runs('kubectl', 'cp1', '1.37.0')],
      'kubectl 1.37.0 on cp1 is more than one minor newer than the kube-apiserver 1.35.0 on cp1',
    ],
  ])('does not allow %#', (running, text) => {
    expect(texts(running)).toEqual([text])
  })

  it('knows the lag of minors that kubestrap has no data of by their nearest', () => {
    expect(['1.19.0', '1.20.2', '1.24.17', '1.25.0', '1.36.3', '1.99.0'].map(nodeLag)).toEqual([
      2, 2, 2, 3, 3, 3,
    ])
  })
})

describe('A change', () => {
  it('of a kubelet is not allowed before the last API server is as new', () => {
    const half = servers('1.36.3', '1.35.7')
    const kubelet = runs('kubelet', 'w1', '1.36.3')
    expect(newSkewProblems([...half, runs('kubelet', 'w1', '1.35.7')], kubelet)).toHaveLength(1)
    expect(newSkewProblems(servers('1.36.3', '1.36.3'), kubelet)).toEqual([])
  })

  it('of an API server is not allowed where it leaves a kubelet too far behind', () => {
    const running = [...servers('1.36.3'), runs('kubelet', 'w1', '1.33.0')]
    expect(newSkewProblems(running, runs('kube-apiserver', 'cp1', '1.37.0')).map(({ text }) => text)).toEqual(
      ['kubelet 1.33.0 on w1 is more than 3 minors older than the kube-apiserver 1.37.0 on cp1'],
    )
  })

  it('is allowed where a problem that is there stays or shrinks, and not where it grows', () => {
    const broken = servers('1.36.3', '1.34.9')
    const of = (host: string, version: string): number =>
      newSkewProblems(broken, runs('kube-apiserver', host, version)).length
    expect([of('cp2', '1.34.10'), of('cp2', '1.35.7'), of('cp1', '1.36.4'), of('cp1', '1.37.0')]).toEqual([
      0, 0, 0, 1,
    ])
  })
})
