import { expect, test } from 'vitest'
import type { Work } from '../../../src/engine/step.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { type ServiceWish, service } from '../../../src/resources/service.js'
import { unseen } from '../../support/apply-now.js'
import { fakeHost } from '../../support/fake-host.js'
import { shimmedHost } from '../../support/shimmed-host.js'

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
  await service(own, { unit: 'x.service', ...(reloads ? { reloads } : {}) }).apply([{ kind }], unseen)
  expect(told).toEqual([[`systemctl ${verb} x.service`, verb, ledger]])
})

test.each<[string, Work['kind'], string, string[], number]>([
  ['refused', 'restart', 'echo "bad key" >&2; false', [], 1],
  ['accepted', 'restart', 'true', ['daemon-reload', 'restart -- x.service'], 0],
  [
    'refused, where nothing runs that could be lost,',
    'start',
    'false',
    ['daemon-reload', 'start -- x.service'],
    0,
  ],
])('a configuration that is %s: %s', async (_, kind, check, asked, code) => {
  const own = shimmedHost('w1', { systemctl: 'echo "$*" >>"$SHIMS/asked"', rm: ':' })
  const plain = {
    ...own,
    mutate: async (command: Parameters<typeof own.mutate>[0]) => {
      const script = `${command.script}\nend=$?; exit $end`
      const done = await own.read({
        script: `( ${script}\n); c=$?; cat "$SHIMS/asked" 2>/dev/null; exit $c`,
        args: command.args ?? [],
      })
      expect(done.code).toBe(code)
      const lines = done.stdout.toString().split('\n')
      expect(lines.filter((line) => /^(daemon-reload|(re)?start )/.test(line))).toEqual(asked)
      if (code !== 0)
        expect(done.stderr).toBe('bad key\nx.service was not touched: its configuration is not accepted\n')
      return done
    },
  }
  await service(plain, { unit: 'x.service', check }).apply([{ kind }], unseen)
  own.remove()
  expect.hasAssertions()
})

test('a mark of what it reads is looked for by its name', async () => {
  const own = fakeHost('lb1', { files: { '/run/kubestrap/restart/reload-x.service': '' } })
  const look = { planning: false, applied: true }
  const probed = await Promise.all(
    ['x.service', 'reload-x.service'].map((mark) => service(own, { unit: 'x.service', mark }).probe(look)),
  )
  expect(probed).toEqual([{ ...running, marked: false }, running])
})
