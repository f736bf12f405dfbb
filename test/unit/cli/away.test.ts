import { describe, expect, test } from 'vitest'
import { warnOfAway, withoutHosts } from '../../../src/cli/away.js'
import { UserError } from '../../../src/lib/errors.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const worker = (name: string) => hostSpec({ name, roles: ['worker'], groups: ['rack7'] })
const hosts = [hostSpec({ name: 'cp1' }), worker('w1'), worker('w2')]
const spec = clusterSpec({ hosts })
const silent = new UserError('connection', '10.0.0.1:22 does not answer')

const away = (given: string[], chosen?: string[], error: unknown = silent): string[] => {
  const { mayBeAway } = withoutHosts(spec, { away: given }, chosen && new Set(chosen))
  return hosts.filter((host) => mayBeAway(host, error)).map(({ name }) => name)
}

describe('--away', () => {
  test.each<[string[], string[]]>([
    [[], []],
    [['w1'], ['w1']],
    [['w1,cp1'], ['cp1', 'w1']],
    [['w*'], ['w1', 'w2']],
    [['rack7'], ['w1', 'w2']],
    [['any'], ['cp1', 'w1', 'w2']],
  ])('%j: hosts %j', (given, names) => expect(away(given)).toEqual(names))

  test('a name that is none is a slip', () => {
    expect(() => away(['w9'])).toThrow('no host of /tmp/inventory.yaml matches "w9"')
  })

  test('hosts that the run is not about need not be reached either', () => {
    expect(away([], ['w1'])).toEqual(['cp1', 'w2'])
  })

  test('a host that is reached and cannot be used is not away', () => {
    expect(away(['any'], undefined, new UserError('preflight', 'unknown system'))).toEqual([])
    expect(away(['any'], undefined, new TypeError('a bug'))).toEqual([])
  })
})

test('each host that is away is told; of those that the run is about, also what becomes of it', () => {
  const said: unknown[] = []
  const [, w1, w2] = hosts
  if (!w1 || !w2) throw new Error('no workers')
  const both = [w1, w2].map((one) => ({ spec: one, error: silent }))
  warnOfAway({ away: both }, { emit: (event) => said.push(event), now: () => 3 }, new Set(['w1']))
  expect(said).toEqual([
    {
      type: 'message',
      at: 3,
      level: 'warning',
      host: 'w1',
      text: 'w1 is away (10.0.0.1:22 does not answer): the next run that reaches it makes its changes',
    },
    {
      type: 'message',
      at: 3,
      level: 'info',
      host: 'w2',
      text: 'w2 is away (10.0.0.1:22 does not answer)',
    },
  ])
})
