import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { selectHosts } from '../../../src/inventory/select.js'
import { UserError } from '../../../src/lib/errors.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const spec = clusterSpec({
  hosts: [
    hostSpec({ name: 'cp1', roles: ['control-plane'] }),
    hostSpec({ name: 'w1', roles: ['worker'], groups: ['gpu'] }),
    hostSpec({ name: 'w2.example.org', roles: ['worker'] }),
    hostSpec({ name: 'both', roles: ['control-plane', 'worker'] }),
  ],
})
const names = (...patterns: string[]): string[] => selectHosts(spec, patterns).map(({ name }) => name)

describe('choosing hosts', () => {
  test.each([
    [['w1'], ['w1']],
    [['W1'], ['w1']],
    [['w*'], ['w1', 'w2.example.org']],
    [['?1'], ['w1']],
    [['[cw]*1'], ['cp1', 'w1']],
    [['[!w]*'], ['cp1', 'both']],
    [['*'], ['cp1', 'w1', 'w2.example.org', 'both']],
    [['w2.example.org'], ['w2.example.org']],
    [['GPU'], ['w1']],
    [['worker'], ['w1', 'w2.example.org', 'both']],
    [['both, w1'], ['w1', 'both']],
    [
      ['w1', 'cp1'],
      ['cp1', 'w1'],
    ],
  ])('%j are %j', (patterns, found) => {
    expect(names(...patterns)).toEqual(found)
  })

  test.each([['w3'], ['w2xexample.org'], [''], ['w1,'], ['[z-a]'], ['*x']])(
    '%j names nobody and is an error',
    (pattern) => {
      expect(() => names(pattern)).toThrowError(UserError)
    },
  )

  test('a name is always chosen by itself, and no pattern is a bug', () => {
    fc.assert(
      fc.property(fc.string(), (pattern) => {
        try {
          expect(names(pattern).length).toBeGreaterThan(0)
        } catch (error) {
          expect(error).toBeInstanceOf(UserError)
        }
      }),
    )
    for (const { name } of spec.hosts) expect(names(name)).toEqual([name])
  })
})
