import { expect, test } from 'vitest'
import { readRunning } from '../../../src/cluster/running.js'
import type { FileState, Host, Read } from '../../../src/host/host.js'
import { UserError } from '../../../src/lib/errors.js'
import { fakeHost } from '../../support/fake-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const manifest = (image: string): string => `spec: { containers: [{ name: x, image: "${image}" }] }`
const file = (content: string): FileState => ({
  kind: 'file',
  mode: '0600',
  owner: 'root:root',
  size: content.length,
  sha256: '',
  content: Buffer.from(content),
})

/** A host whose kubelet says this, with an exit code, and whose manifests name these images by a part of their path. */
function hostWith(
  kubelet: [code: number, said: string],
  images: Readonly<Record<string, string>> = {},
): Host {
  return {
    ...fakeHost('n1'),
    read: async (_: Read) => ({
      kind: 'exited' as const,
      code: kubelet[0],
      stdout: Buffer.from(kubelet[1]),
      stderr: '',
    }),
    stat: async (path) => {
      const [, image] = Object.entries(images).find(([name]) => path.includes(name)) ?? []
      return image === undefined ? { kind: 'absent' } : file(image)
    },
  }
}

test('a control plane tells its versions by its kubelet and its manifests', async () => {
  const host = hostWith([0, 'Kubernetes v1.36.3\n'], {
    apiserver: manifest('registry.k8s.io/kube-apiserver:v1.36.3'),
    'controller-manager': manifest('registry.k8s.io/kube-controller-manager:v1.35.7@sha256:0f'),
    scheduler: manifest('mirror.lan:5000/kube-scheduler:v1.35.7_lab.1'),
  })
  expect(await readRunning(host)).toEqual({
    kubelet: { version: '1.36.3' },
    apiServer: { version: '1.36.3' },
    controllerManager: { version: '1.35.7' },
    scheduler: { version: '1.35.7+lab.1' },
  })
})

test('what is not there is none', async () => {
  expect(await readRunning(hostWith([0, 'none\n']))).toEqual({
    kubelet: 'none',
    apiServer: 'none',
    controllerManager: 'none',
    scheduler: 'none',
  })
})

test.each<[string, [number, string], string]>([
  ['does not end in time', [124, ''], 'exit code 124'],
  ['says something else', [0, 'kubelet of somebody'], 'kubelet of somebody'],
  ['fails', [1, 'Kubernetes v1.36.3'], 'Kubernetes v1.36.3'],
])('a kubelet that %s is unknown, and not none', async (_, kubelet, why) => {
  expect((await readRunning(hostWith(kubelet))).kubelet).toEqual({
    unknown: `/usr/bin/kubelet --version: ${why}`,
  })
})

test('a manifest that shows no version is unknown, as is all of a host that gives no answer', async () => {
  const odd = await readRunning(
    hostWith([0, 'none'], { apiserver: ': no yaml: [', scheduler: manifest('x') }),
  )
  expect([odd.apiServer, odd.scheduler]).toEqual([
    { unknown: '/etc/kubernetes/manifests/kube-apiserver.yaml does not show a version' },
    { unknown: '/etc/kubernetes/manifests/kube-scheduler.yaml does not show a version' },
  ])
  const lost = async (): Promise<never> => {
    throw new UserError('connection', 'n1 does not answer')
  }
  const silent = { unknown: 'n1 does not answer' }
  expect(await readRunning({ ...fakeHost('n1'), read: lost, stat: lost })).toEqual({
    kubelet: silent,
    apiServer: silent,
    controllerManager: silent,
    scheduler: silent,
  })
})

test('a bug stays a bug', async () => {
  const broken = async (): Promise<never> => {
    throw new TypeError('x is not a function')
  }
  await expect(readRunning({ ...fakeHost('n1'), read: broken })).rejects.toThrow(TypeError)
})

test.each([
  ['prints it', '#!/bin/sh\necho "Kubernetes v1.36.3"', { version: '1.36.3' }],
  ['is absent', undefined, 'none'],
  [
    'does not run',
    '#!/bin/sh\necho no memory >&2; exit 2',
    { unknown: '/usr/bin/kubelet --version: no memory' },
  ],
])('the question is put to a real sh, where a kubelet %s', async (_, program, expected) => {
  const host = shimmedHost('n1', {}, program === undefined ? {} : { '/usr/bin/kubelet': program })
  expect((await readRunning(host)).kubelet).toEqual(expected)
  host.remove()
})
