import { beforeEach, describe, expect, test, vi } from 'vitest'
import { restartPod } from '../../../../src/steps/static-pods/restart-pod.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { clusterSpec } from '../../../support/spec.js'

/** What was done and waited for, in order. */
const log: string[] = []
vi.mock('../../../../src/steps/etcd/spare.js', () => ({
  untilSpare: async (_: unknown, one: { spec: { name: string } }) =>
    log.push(`the others can spare ${one.spec.name}`),
  untilWell: async () => log.push('the member is well'),
}))
vi.mock('../../../../src/cluster/own-api.js', () => ({
  untilOwnApi: async () => log.push('its own API server is ready'),
}))
vi.mock('../../../../src/cluster/back-off.js', () => ({
  endBackOff: async (_context: unknown, _machine: unknown, names: string[]) =>
    log.push(`nothing waits with ${names.join(', ')}`),
}))
vi.mock('../../../../src/steps/static-pods/until-balanced.js', () => ({
  untilBalanced: async () => log.push('balancers use it'),
}))
beforeEach(() => {
  log.length = 0
})

/** Restarts a pod on the first of so many control planes. */
async function restarted(
  name: string,
  { planes = 3, already = false, external = false, fails = '' } = {},
): Promise<string[]> {
  const machines = Array.from({ length: planes }, (_, i) => {
    const host = fakeHost(`cp${i + 1}`, {
      onMutate: ({ what, script }) => {
        log.push(script.startsWith('rm -f') ? 'its mark goes' : (what ?? script))
        if (fails !== '' && what?.includes(fails)) throw new Error('it did not start')
        return undefined
      },
    })
    return { ...machine({ name: host.name, address: `10.88.0.1${i + 1}` }), host }
  })
  const [first] = machines
  if (!first) throw new Error('no control plane')
  const etcd = { endpoints: ['https://e1:2379'], caFile: '/a', certFile: '/b', keyFile: '/c' }
  const spec = clusterSpec({
    hosts: machines.map((one) => one.spec),
    ...(external ? { etcd: { ...clusterSpec().etcd, external: etcd } } : {}),
  })
  await restartPod(contextOf(machines, { spec }), first, name, already)
  return [...log]
}

describe('a static pod is restarted', () => {
  test('etcd: when the others can spare it, and the next only when it is well, its API server ready and used', async () => {
    expect(await restarted('etcd')).toEqual([
      'the others can spare cp1',
      'restart static Pod etcd',
      'nothing waits with etcd, kube-apiserver',
      'the member is well',
      'its own API server is ready',
      'balancers use it',
      'its mark goes',
    ])
  })

  test('an API server: until it is ready itself and balancers send clients there again', async () => {
    const all = (behind: string): string[] => [
      'restart static Pod kube-apiserver',
      `nothing waits with ${behind}`,
      'its own API server is ready',
      'balancers use it',
      'its mark goes',
    ]
    expect(await restarted('kube-apiserver')).toEqual(all('etcd, kube-apiserver'))
    log.length = 0
    expect(await restarted('kube-apiserver', { external: true })).toEqual(all('kube-apiserver'))
  })

  test('one member alone asks nobody, and its API server is waited for all the same', async () => {
    expect(await restarted('etcd', { planes: 1 })).toEqual([
      'restart static Pod etcd',
      'nothing waits with etcd, kube-apiserver',
      'its own API server is ready',
      'balancers use it',
      'its mark goes',
    ])
  })

  test.each(['kube-scheduler', 'kube-controller-manager'])(
    '%s: nobody waits for an API server',
    async (name) => {
      expect(await restarted(name)).toEqual([
        `restart static Pod ${name}`,
        `nothing waits with ${name}`,
        'its mark goes',
      ])
    },
  )

  test('that the kubelet has made anew itself is only waited for', async () => {
    expect(await restarted('etcd', { already: true })).toEqual([
      'the member is well',
      'its own API server is ready',
      'balancers use it',
      'its mark goes',
    ])
  })

  test('keeps its mark when it does not come back: the next run restarts it again', async () => {
    await expect(restarted('kube-apiserver', { fails: 'restart' })).rejects.toThrow('it did not start')
    expect(log).not.toContain('its mark goes')
  })
})
