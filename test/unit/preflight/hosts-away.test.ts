import { expect, test } from 'vitest'
import { refuseWithout } from '../../../src/preflight/hosts-away.js'
import type { Answer } from '../../../src/preflight/read-living.js'
import { contextOf } from '../../support/context.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const hosts = [
  hostSpec({ name: 'cp1' }),
  hostSpec({ name: 'cp2' }),
  hostSpec({ name: 'w1', roles: ['worker'] }),
  hostSpec({ name: 'both', roles: ['control-plane', 'worker'] }),
  hostSpec({ name: 'e1', roles: ['etcd'] }),
  hostSpec({ name: 'lb1', roles: ['load-balancer'] }),
]
const silent: Answer = { silence: 'connect ECONNREFUSED' }
const living: Answer = { living: { clusterConfiguration: 'x', nodes: [] } }

const refused = (answer: Answer, away: string[], chosen?: string[]): string | undefined => {
  const context = {
    ...contextOf([], { spec: clusterSpec({ hosts }) }),
    away: new Set(away),
    ...(chosen ? { chosen: new Set(chosen) } : {}),
  }
  try {
    refuseWithout(context, answer)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

test('a cluster that answers is changed without any host', () => {
  expect(refused(living, ['cp2', 'w1', 'e1', 'lb1'])).toBeUndefined()
})

test.each<[string, string[], string[] | undefined, string | undefined]>([
  ['every host is reached', [], undefined, undefined],
  ['a balancer alone is away, which knows nothing of a cluster', ['lb1'], undefined, undefined],
  ['a control plane is away', ['cp2'], undefined, 'cp2'],
  ['an etcd host is away', ['e1'], undefined, 'e1'],
  ['a worker is away, which may belong to a cluster', ['w1'], undefined, 'w1'],
  ['a worker is away that the run is not about (init)', ['w1'], ['cp1', 'cp2'], undefined],
  ['a control plane is away, whatever the run is about', ['cp2'], ['cp1'], 'cp2'],
  ['a control plane that is a worker too is away', ['both'], ['cp1'], 'both'],
])('one that does not answer is neither created nor repaired blindly: %s', (_, away, chosen, named) => {
  expect(refused(silent, away, chosen)).toBe(
    named && `the cluster does not answer, and ${named} cannot be reached`,
  )
})
