import { expect, it } from 'vitest'
import type { FileState } from '../../../src/host/host.js'
import { debian } from '../../../src/os/debian.js'
import { fetchedPackages } from '../../../src/resources/versioned-packages.js'
import { fakeHost } from '../../support/fake-host.js'

const wish = {
  id: 'kubernetes',
  title: 'Kubernetes packages',
  names: ['kubelet', 'kubectl'],
  version: '1.36.3',
  repository: { id: 'kubestrap-kubernetes', key: '/k' },
  marks: ['kubelet.service'],
  needs: [],
}
const note = (text: string): FileState => ({ kind: 'file', content: Buffer.from(text) }) as FileState
const state = (kubelet: string, noted?: string) => ({
  installed: new Map([
    ['kubelet', kubelet],
    ['kubectl', '1.36.3-1.1'],
  ]),
  note: noted === undefined ? ({ kind: 'absent' } as const) : note(noted),
})

it('fetches what is in another version, until it was fetched or is installed', () => {
  const step = fetchedPackages(fakeHost('w1'), debian, wish)
  const summaries = (of: ReturnType<typeof state>) => step.diff(of).map(({ summary }) => summary)
  expect(summaries(state('1.35.6-1.1'))).toEqual(['download kubelet 1.36.3'])
  expect(summaries(state('1.35.6-1.1', '1.35.6'))).toEqual(['download kubelet 1.36.3'])
  expect(summaries(state('1.35.6-1.1', '1.36.3'))).toEqual([])
  expect(summaries(state('1.36.3-1.1'))).toEqual([])
})
