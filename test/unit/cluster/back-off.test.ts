import { describe, expect, test } from 'vitest'
import { endBackOff } from '../../../src/cluster/back-off.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const restart = 'mutate restart the kubelet, which waits before it starts a container again'
const time = (second: number): string => new Date(second * 1000).toISOString()
const running = (name: string): string => `${name} uid ${name}-2 running 0 ${time(900)} -`
const ended = (name: string, second: number): string =>
  `${name} uid ${name}-1 ended 1 ${time(second - 5)} ${time(second)}`

/**
 * What is done where looks at second 1000, 1001, … of the host's clock find these lines, the last again and again.
 * @returns what was done, and how many looks there were
 */
async function afterLooks(...looks: readonly (readonly string[] | Error)[]): Promise<[string[], number]> {
  let [clock, asked] = [0, 0]
  const host = fakeHost('cp1', {
    answer: () => {
      const lines = looks[Math.min(asked, looks.length - 1)] ?? []
      asked += 1
      if (lines instanceof Error) throw lines
      return { stdout: Buffer.from([1000 + clock / 1000, ...lines].join('\n')) }
    },
  })
  const one = { ...machine({ name: 'cp1' }), host }
  const context = {
    ...contextOf([one]),
    now: () => new Date(clock),
    sleep: async (ms: number) => {
      clock += ms
    },
  }
  await endBackOff(context, one, ['etcd', 'kube-apiserver'])
  return [host.done, asked]
}

describe('a kubelet that waits before it starts a container again', () => {
  test('is restarted where one that is waited for ended longer ago than its shortest wait', async () => {
    expect(await afterLooks([ended('etcd', 900), running('kube-apiserver')])).toEqual([[restart], 1])
    // both, the one a short time ago: it waits for the other
    expect(await afterLooks([ended('etcd', 900), ended('kube-apiserver', 999)])).toEqual([[restart], 1])
  })

  test('is given the time of its shortest wait for one that has just ended', async () => {
    expect(await afterLooks([ended('etcd', 999), running('kube-apiserver')])).toEqual([[restart], 11])
    const back = [ended('etcd', 999), running('etcd'), running('kube-apiserver')]
    expect(await afterLooks([ended('etcd', 999), running('kube-apiserver')], back)).toEqual([[], 2])
  })

  test.each<[string, readonly string[] | Error]>([
    ['all run, whatever ended before', [running('etcd'), ended('etcd', 500), running('kube-apiserver')]],
    ['none was there before: it has just begun', []],
    ['another one ended', [ended('kube-scheduler', 900), running('etcd'), running('kube-apiserver')]],
    ['it is not told when they ended', ['etcd uid a ended ? - -']],
    ['the look failed', new Error('no answer within 20 s')],
  ])('is left alone where %s', async (_, look) => {
    expect(await afterLooks(look)).toEqual([[], 1])
  })
})
