import { describe, expect, it } from 'vitest'
import { haproxy } from '../../../../src/balancers/haproxy/haproxy.js'
import type { Context } from '../../../../src/cluster/context.js'
import type { HostSpec } from '../../../../src/inventory/spec.js'
import { worksAgainStep } from '../../../../src/steps/rollout/works-again.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const boot = '22222222-2222-4222-8222-222222222222'

/** What a worker lacks whose Node is this one. */
function missing(
  node: object | undefined,
  over: Partial<Context> = {},
  roles: HostSpec['roles'] = ['worker'],
) {
  const host = fakeHost('w1', {
    answer: ({ script }) => ({ stdout: Buffer.from(script.startsWith('date') ? '200\n100\n100\n' : boot) }),
  })
  const w1 = { ...machine({ name: 'w1', roles }, { kubernetes: true }), host }
  const client = { watched: async () => (node ? [{ metadata: { name: 'w1' }, ...node }] : []) }
  const cp1 = machine({ name: 'cp1' }, { kubernetes: true })
  const context = contextOf([cp1, w1], {
    kube: Object.assign(async () => client as never, { renew: () => {} }),
    ...over,
  })
  return worksAgainStep(context, w1, { needs: [], within: undefined, withinMs: 1_000 }).probe()
}

const nodeOf = (bootID: string, ready: string, heard = 150) => ({
  status: {
    nodeInfo: { bootID },
    conditions: [{ type: 'Ready', status: ready, lastHeartbeatTime: new Date(heard * 1000).toISOString() }],
  },
})

describe('a node that was interrupted', () => {
  it('works when its kubelet says so, of this boot', async () => {
    expect(await missing(nodeOf(boot, 'True'))).toBeUndefined()
  })

  it.each([
    // what the API has of before the boot may still say Ready
    [nodeOf('another boot', 'True'), 'the kubelet of w1 has not reported since the boot'],
    [nodeOf(boot, 'True', 90), 'the kubelet of w1 has not reported since its start'],
    [nodeOf(boot, 'False'), 'node w1 is not Ready'],
    [undefined, 'w1 is not registered as a node'],
  ])('does not work yet: %j', async (node, what) => {
    expect(await missing(node)).toBe(what)
  })

  it('and carries the load balancer works when that sends clients to an API server', async () => {
    const found = (up: boolean) =>
      missing(
        nodeOf(boot, 'True'),
        { balancer: { ...haproxy, backends: async () => [{ name: 'cp1', up, words: '' }] } },
        ['worker', 'load-balancer'],
      )
    expect(await found(true)).toBeUndefined()
    expect(await found(false)).toBe('the load balancer on w1 sends no connections to any API server')
  })

  it('is waited for while nobody answers', async () => {
    const kube = Object.assign(() => Promise.reject(new Error('socket hang up')), { renew: () => {} })
    expect(await missing(undefined, { kube })).toBe('socket hang up')
  })
})
