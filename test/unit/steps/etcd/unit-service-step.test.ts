import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { EtcdHosts } from '../../../../src/cluster/etcd/hosts.js'
import { Late } from '../../../../src/engine/late.js'
import type { Work } from '../../../../src/engine/step.js'
import { unitServiceStep } from '../../../../src/steps/etcd/unit-service-step.js'
import { unseen } from '../../../support/apply-now.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const log: string[] = []
vi.mock('../../../../src/steps/etcd/spare.js', () => ({
  untilSpare: async () => log.push('the others can spare it'),
  untilWell: async (_context: unknown, _machine: unknown, watch: () => Promise<void>) => {
    await watch()
    log.push('it is well')
  },
}))
beforeEach(() => {
  log.length = 0
})

async function apply(change: Work, founding = false): Promise<string[]> {
  const host = fakeHost('e1', {
    onMutate: ({ what }) => {
      log.push(what ?? '')
      return undefined
    },
  })
  const e1 = { ...machine({ name: 'e1', address: '10.88.0.31', roles: ['etcd'] }), host }
  const etcdHosts: EtcdHosts = {
    order: [e1],
    founding: new Set(founding ? ['e1'] : []),
    joining: new Set(),
    halfAdded: new Set(),
    fresh: new Set(),
    members: [],
    told: '',
    authority: new Late('the authority'),
    programs: [],
  }
  const step = unitServiceStep(contextOf([machine(), e1], { etcdHosts }), etcdHosts, e1)
  await step.apply([change], unseen)
  return [...log, ...host.done.filter((one) => one.startsWith('write'))]
}

describe('the unit of an etcd member', () => {
  test('is restarted when the others can spare it, and the next only when it is well', async () => {
    expect(await apply({ kind: 'restart' })).toEqual([
      'the others can spare it',
      expect.stringMatching(/^systemctl restart /),
      'it is well',
    ])
  })

  test('is started without asking anybody, and a founder notes that it has begun', async () => {
    expect(await apply({ kind: 'start' })).toEqual([expect.stringMatching(/^systemctl start /)])
    log.length = 0
    expect(await apply({ kind: 'start' }, true)).toEqual([
      expect.stringMatching(/^systemctl start /),
      expect.stringMatching(/^write /),
    ])
  })
})
