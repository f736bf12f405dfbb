import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Work } from '../../../../src/engine/step.js'
import { manifestPath } from '../../../../src/steps/static-pods/manifest-path.js'
import { manifestStep } from '../../../../src/steps/static-pods/manifest-step.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { unitsAnswer } from '../../../support/units-answer.js'

const log: string[] = []
let came = true
vi.mock('../../../../src/steps/etcd/spare.js', () => ({
  untilSpare: async () => log.push('the others can spare it'),
  untilWell: async () => {},
}))
vi.mock('../../../../src/steps/static-pods/until-new-pod.js', () => ({
  untilNewPod: async (_c: unknown, _m: unknown, _n: string, change: () => Promise<void>, alone: boolean) => {
    await change()
    log.push(`another pod is awaited${alone ? ', and the end of the old one' : ''}`)
    return came
  },
}))
vi.mock('../../../../src/steps/static-pods/restart-pod.js', async (original) => ({
  ...(await original<typeof import('../../../../src/steps/static-pods/restart-pod.js')>()),
  restartPod: async (_c: unknown, _m: unknown, name: string, already: boolean) =>
    log.push(`${already ? 'it settles' : 'it is restarted'}: ${name}`),
}))
beforeEach(() => {
  log.length = 0
  came = true
})

/** Applies a change to a manifest on one of so many control planes. */
async function apply(name: string, change: Work, { planes = 2, kubelet = true } = {}): Promise<string[]> {
  const machines = Array.from({ length: planes }, (_, i) => ({
    ...machine({ name: `cp${i + 1}`, address: `10.88.0.1${i + 1}` }),
    host: fakeHost(`cp${i + 1}`, {
      files: { '/var/lib/etcd/member/wal': '', [manifestPath('etcd')]: '' },
      answer: (question) => unitsAnswer(question, kubelet ? 'active' : 'inactive'),
    }),
  }))
  const [first] = machines
  if (!first) throw new Error('no control plane')
  const { write } = first.host
  first.host.write = async (file) => {
    log.push('the manifest is written')
    await write(file)
  }
  const step = manifestStep(contextOf(machines), first, name)
  log.push(`takes away: ${step.disrupts?.([change]) ?? 'nothing'}`)
  const observed = await step.probe()
  await step.apply([change], { progress: (text) => log.push(`says: ${text}`), observed })
  return [...log]
}
const update: Work = { kind: 'update' }

describe('a changed manifest, of several control planes', () => {
  test('of an API server goes in turn: written, its new pod awaited, and settled before the next', async () => {
    expect(await apply('kube-apiserver', update)).toEqual([
      'takes away: etcd',
      'the manifest is written',
      'another pod is awaited',
      expect.stringMatching(/^says: /),
      'it settles: kube-apiserver',
    ])
  })

  test('of etcd is written when the others can spare the member, and its old pod must have ended', async () => {
    expect(await apply('etcd', update)).toEqual([
      'takes away: etcd',
      'the others can spare it',
      'the manifest is written',
      'another pod is awaited, and the end of the old one',
      expect.stringMatching(/^says: /),
      'it settles: etcd',
    ])
  })

  test('whose pod did not come anew is restarted, unless no kubelet runs that could', async () => {
    came = false
    expect((await apply('kube-apiserver', update)).at(-1)).toBe('it is restarted: kube-apiserver')
    log.length = 0
    expect(await apply('kube-apiserver', update, { kubelet: false })).not.toContain(
      'it is restarted: kube-apiserver',
    )
  })

  test.each(['create', 'access', 'remove'] as const)('that is only %s waits for nobody', async (kind) => {
    expect(await apply('kube-apiserver', { kind })).toEqual([
      'takes away: nothing',
      'the manifest is written',
    ])
  })

  test('of a scheduler waits for nobody, nor one of a control plane alone', async () => {
    expect(await apply('kube-scheduler', update)).toEqual(['takes away: nothing', 'the manifest is written'])
    log.length = 0
    expect(await apply('kube-apiserver', update, { planes: 1 })).toEqual([
      'takes away: nothing',
      'the manifest is written',
    ])
  })
})

test('the text of a file change does not decide what it is: kinds do', async () => {
  const first = { ...machine(), host: fakeHost('cp1') }
  const step = manifestStep(contextOf([first, machine({ name: 'cp2' })]), first, 'kube-scheduler')
  const absent = await step.probe()
  expect(step.diff(absent).map(({ kind }) => kind)).toEqual(['create'])
  first.host.files.set(manifestPath('kube-scheduler'), 'other')
  expect(step.diff(await step.probe()).map(({ kind }) => kind)).toEqual(['update'])
})
