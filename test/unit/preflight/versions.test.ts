import { expect, it } from 'vitest'
import type { HostSpec } from '../../../src/inventory/spec.js'
import { UserError } from '../../../src/lib/errors.js'
import { debianSystem } from '../../../src/os/debian.js'
import { lookAtVersions } from '../../../src/preflight/versions.js'
import { containerd } from '../../../src/runtimes/containerd/containerd.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const answering = (said: string) => fakeHost('w1', { answer: () => ({ stdout: Buffer.from(said) }) })
const worker = machine({ name: 'w1', roles: ['worker'] })

it.each([
  ['containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+b1\n', '1.6.20'],
  ['containerd containerd.io v1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182\n', '1.7.24'],
  ['containerd github.com/containerd/containerd/v2 2.1.9 \n', '2.1.9'],
  ['1.6.20~ds1-1+deb12u3\n', '1.6.20'],
  ['0:2.0.5-1.el9\n', '2.0.5'],
  ['', ''],
  ['(none)\n', ''],
])('%j is containerd %s', async (said, version) => {
  const context = contextOf([{ ...worker, host: answering(said) }], { runtime: containerd })
  expect(await lookAtVersions(context, () => true)).toEqual(new Map([['w1', { runtime: version }]]))
})

it('of a host without the lists of its package manager is what its system keeps, unless the inventory adds repositories', async () => {
  const bookworm = debianSystem.of(
    machine({}, { os: { id: 'debian', version: '12', like: [], name: '' } }).facts,
  )
  const look = (spec: Partial<HostSpec> = {}) => {
    const one = { ...machine({ name: 'w1', roles: ['worker'], ...spec }), host: answering(''), os: bookworm }
    return lookAtVersions(contextOf([one], { runtime: containerd }), () => true)
  }
  expect(await look()).toEqual(new Map([['w1', { runtime: '1.6.20' }]]))
  const own = {
    name: 'own',
    url: 'https://example.com',
    key: '/k',
    suite: 'x',
    components: [],
    signedLists: true,
  }
  const os = { like: undefined, hold: false, repositories: [{ ...own, at: 'i.yaml:1:1' }] }
  expect(await look({ os })).toEqual(new Map([['w1', { runtime: '' }]]))
})

it('etcd by package is asked on hosts with that role; a host that does not answer is not known', async () => {
  const etcd = machine({ name: 'e1', roles: ['etcd'] })
  const silent = {
    ...machine({ name: 'w2', roles: ['worker'] }),
    host: fakeHost('w2', {
      answer: () => {
        throw new UserError('connection', 'no answer within 10 s', { host: 'w2' })
      },
    }),
  }
  const said = 'etcd Version: 3.4.23\nGit SHA: Not provided\nGo Version: go1.19.8\n'
  const host = fakeHost('e1', { answer: () => ({ stdout: Buffer.from(said) }) })
  const context = contextOf([{ ...etcd, host }, silent], { runtime: containerd })
  expect(await lookAtVersions(context, () => true)).toEqual(
    new Map<string, unknown>([
      ['e1', { etcd: '3.4.23' }],
      ['w2', 'unknown'],
    ]),
  )
})
