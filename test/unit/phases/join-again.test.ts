import { randomBytes } from 'node:crypto'
import { beforeAll, expect, test } from 'vitest'
import { join } from '../../../src/phases/join.js'
import { type Authority, createAuthority } from '../../../src/pki/authorities.js'
import { kubeletCertificate } from '../../../src/pki/certificates.js'
import { kubeletPemPath } from '../../../src/steps/kubelet/kubelet-pem.js'
import { aged } from '../../support/certificates.js'
import { contextOf, machine } from '../../support/context.js'
import { fileHost } from '../../support/file-host.js'

const now = new Date()
let ca: Authority
beforeAll(async () => {
  ca = await createAuthority('kubernetes', { now, random: randomBytes })
})

async function joinOf(daysLeft: number, { half = '', conf = 'kind: Config' } = {}) {
  const worker = machine({ name: 'w1', address: '10.88.0.21', roles: ['worker'] })
  const cp1 = machine()
  const spec = kubeletCertificate(worker.spec, worker.release.wanted)
  const { machine: found } = fileHost(
    worker,
    {
      '/etc/kubernetes/kubelet.conf': conf,
      [kubeletPemPath]: aged(spec, ca, now, daysLeft).certificate,
    },
    ({ what }) => (what === "check the kubelet's own certificates" ? half : undefined),
  )
  const context = contextOf([cp1, found], { now: () => now })
  const step = join.steps(context).find(({ id }) => id === 'join')
  if (!step) throw new Error('no step join')
  return step.diff(await step.probe())
}

test('a worker whose kubelet renews its certificate itself is left alone, however soon it expires', async () => {
  expect(await joinOf(1)).toEqual([])
})

test('a worker whose certificate expired while it was off joins again, and the plan says why', async () => {
  expect(await joinOf(-1)).toEqual([
    {
      kind: 'join',
      subjects: ['useless credentials'],
      summary: 'join w1 to the cluster again',
      diff: expect.stringContaining('expired on 20'),
      effects: [{ kind: 'restart', of: 'unit', name: 'kubelet.service' }],
    },
  ])
})

test.each([
  ['its certificate', { half: `${kubeletPemPath}\n` }],
  ['the kubeconfig that names it', { conf: '' }],
])('so does one whose kubelet was cut while it wrote %s', async (_, cut) => {
  expect(await joinOf(1, cut)).toMatchObject([
    { summary: 'join w1 to the cluster again', diff: expect.stringContaining('not written to their end') },
  ])
})
