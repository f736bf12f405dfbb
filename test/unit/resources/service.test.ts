import { expect, test } from 'vitest'
import type { Work } from '../../../src/engine/step.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { type ServiceWish, service } from '../../../src/resources/service.js'
import { fakeHost } from '../../support/fake-host.js'

const host = createHost('lb1', localConnection())
const running = { load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled', marked: true }

/** What is to be done about a unit whose configuration was changed, and what that takes away. */
function again(wish: Partial<ServiceWish>, state = running): unknown {
  const step = service(host, { unit: 'x.service', ...wish })
  const changes = step.diff(state)
  return [changes.map(({ summary }) => summary), step.disrupts?.(changes)]
}

test('a changed configuration is a restart of the node’s, unless the unit is said to take it up otherwise', () => {
  expect(again({})).toEqual([['restart x.service'], 'node'])
  expect(again({ reloads: true, takesAway: 'balancer' })).toEqual([['reload x.service'], 'balancer'])
})

test('one that does not run is started, whatever was changed', () => {
  const dead = { ...running, active: 'inactive' }
  expect(again({ reloads: true }, dead)).toEqual([['start x.service (is inactive)'], undefined])
})

test.each<[Work['kind'], true | undefined, string, string[]]>([
  ['restart', undefined, 'restart', []],
  ['reload', true, 'reload', []],
  ['start', undefined, 'start', []],
  ['start', true, 'start', []],
  ['enable', undefined, 'start', ['enabled x.service']],
])('a change of kind %s (reloads: %s) is done by systemctl %s', async (kind, reloads, verb, ledger) => {
  const told: unknown[] = []
  const own = fakeHost('lb1', {
    onMutate: (command) => {
      told.push([command.what, command.args?.[2], command.ledger])
      return undefined
    },
  })
  await service(own, { unit: 'x.service', ...(reloads ? { reloads } : {}) }).apply([{ kind }], {
    progress: () => {},
  })
  expect(told).toEqual([[`systemctl ${verb} x.service`, verb, ledger]])
})
