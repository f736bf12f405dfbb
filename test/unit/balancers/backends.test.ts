import { expect, test } from 'vitest'
import { haproxyBackends, parseBackends } from '../../../src/balancers/haproxy/backends.js'
import { fixture, machine } from './support.js'

test('servers are read from what haproxy 2.6 answers to "show stat", with why one is down', () => {
  expect(parseBackends(fixture('show-stat.csv'))).toEqual([
    { name: 'cp1', up: true, words: 'Layer7 check passed' },
    { name: 'cp2', up: false, words: 'Connection refused' },
    { name: 'cp3', up: true, words: 'Layer7 check passed' },
  ])
})

test('one whose last check failed is up until it is down', () => {
  const states = parseBackends(fixture('show-stat.csv').replace(',UP,', ',UP 1/2,'))
  expect(states.map(({ up }) => up)).toEqual([true, false, true])
})

test('a haproxy that does not run is told of, not taken for one without servers', async () => {
  await expect(haproxyBackends(machine('lb1').host)).rejects.toThrow('haproxy is not running')
})
