import { expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { within } from '../../../src/lib/within.js'
import { look, shortly } from '../../../src/operations/look.js'

test('a look that fails is told with its words, and is nothing else', async () => {
  const lost = Promise.reject(new UserError('connection', 'w1 is away', { why: 'one\ntwo' }))
  expect(await look('etcd', 100, lost)).toEqual({ couldNot: 'could not check etcd: w1 is away: one; two' })
  expect(await look('etcd', 100, Promise.resolve(3))).toEqual({ found: 3 })
})

test('a look that never answers ends at its deadline', async () => {
  expect(await look('nodes', 20, new Promise(() => {}))).toEqual({
    couldNot: 'could not check nodes: no answer within 0.02 s',
  })
  await expect(within(20, new Promise(() => {}))).rejects.toThrow('no answer within 0.02 s')
})

test('a mistake in the program is no answer of the cluster', async () => {
  const bug = Promise.reject(new TypeError('x is undefined'))
  await expect(look('nodes', 100, bug)).rejects.toThrow(TypeError)
  expect(shortly('as it is')).toBe('as it is')
})
