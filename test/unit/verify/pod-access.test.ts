import { expect, test } from 'vitest'
import type { KubeClient } from '../../../src/kubernetes/client/kube-client.js'
import { Turns } from '../../../src/lib/turns.js'
import type { CheckResult } from '../../../src/verify/check.js'
import { podAccess } from '../../../src/verify/pod-access.js'
import type { Probe } from '../../../src/verify/probe.js'
import { contextOf, machine } from '../../support/context.js'

/** Checks with a pod on w1, whose kubelet is not there the first `absent` times. */
async function accessed(absent: number): Promise<{ results: CheckResult[]; asked: number }> {
  let now = 0
  let asked = 0
  const results: CheckResult[] = []
  const context = contextOf([machine()], {
    sleep: async (ms: number) => {
      now += ms
    },
  })
  const kube: Partial<KubeClient> = {
    channels: async (path) => {
      asked += 1
      if (asked <= absent)
        throw new Error('the API server answers 500: dial tcp 10.0.0.21:10250: connection refused')
      const words = path.includes('/exec?') ? [1, 'w1\n'] : [0, '\0\0HTTP/1.0 200 OK\r\n\r\nw1\n']
      return {
        send: () => {},
        onMessage: (handle) => handle(Number(words[0]), Buffer.from(String(words[1]))),
        closed: Promise.resolve(),
        close: () => {},
      }
    },
  }
  const probe: Partial<Probe> = {
    context,
    kube: kube as KubeClient,
    namespace: 'verify',
    pods: new Map([['w1', { name: 'echo-1', node: 'w1', ip: '10.244.1.2' }]]),
    turns: new Turns(4),
    options: { now: () => now, signal: new AbortController().signal, onResult: (one) => results.push(one) },
  }
  await podAccess(probe as Probe)
  return { results, asked }
}

test('a kubelet that has just been restarted is asked again', async () => {
  const { results } = await accessed(3)
  expect(results.map(({ name, status }) => [name, status])).toEqual(
    expect.arrayContaining([
      ['exec', 'passed'],
      ['port-forward', 'passed'],
    ]),
  )
})

test('one that never answers fails the checks, which say whom they asked', async () => {
  const { results, asked } = await accessed(Number.POSITIVE_INFINITY)
  expect(results.map(({ status, detail }) => [status, detail])).toEqual([
    ['failed', expect.stringMatching(/^API server → (exec|port-forward) on w1: .*connection refused/)],
    ['failed', expect.stringMatching(/^API server → (exec|port-forward) on w1: .*connection refused/)],
  ])
  expect(asked).toBeGreaterThan(2)
})
