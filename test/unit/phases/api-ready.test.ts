import { expect, test } from 'vitest'
import { apiReady } from '../../../src/phases/api-ready.js'
import { docker } from '../../../src/runtimes/docker/docker.js'
import { contextOf, machine } from '../../support/context.js'
import { fakeHost } from '../../support/fake-host.js'

const time = (second: number): string => new Date(second * 1000).toISOString()

test.each([
  ['answers that it is not ready', async () => ({ status: 500, body: 'etcd failed' })],
  [
    'does not answer',
    async () => {
      throw new Error('connection refused')
    },
  ],
])('the wait for an API server that %s ends when its etcd exits after each start', async (_, text) => {
  let clock = 0
  const exited = (id: string, from: number): string =>
    `etcd pod ${id} ended 1 ${time(from)} ${time(from + 1)}`
  const told = ['5', 'NRestarts=0', exited('b', 3), exited('a', 1)].join('\n')
  const host = fakeHost('cp1', { answer: () => ({ stdout: Buffer.from(told) }) })
  const one = { ...machine({ name: 'cp1' }), host }
  const context = contextOf([one], { runtime: docker })
  const kube = Object.assign(async () => ({ text }), context.kube)
  const [step] = apiReady.steps({ ...context, kube: kube as never, now: () => new Date(clock) })
  clock = 5_000
  await expect(step?.probe()).rejects.toMatchObject({ message: 'etcd exits after each start', final: true })
})
