import { expect, test } from 'vitest'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { type ServiceWish, service } from '../../../src/resources/service.js'

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
