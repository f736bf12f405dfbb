import { expect, test } from 'vitest'
import { namedOrOutside } from '../../../src/cli/named-hosts.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const spec = clusterSpec({ hosts: [hostSpec(), hostSpec({ name: 'w1', address: 'fd00::21' })] })
const named = (...hosts: string[]) => namedOrOutside(spec, { hosts })

test('an address is the host that has it, and otherwise one that the inventory does not have', () => {
  expect(named('CP1', 'fd00:0::21')).toEqual({ named: ['cp1', 'w1'], addresses: [] })
  expect(named('w1', '10.0.0.9', '10.0.0.9')).toEqual({ named: ['w1'], addresses: ['10.0.0.9'] })
})

test('any other word is a mistake', () => {
  expect(() => named('w2')).toThrow('w2 is not a host of')
})
