import { describe, expect, it } from 'vitest'
import { ApiError } from '../../../../src/kubernetes/client/api-error.js'
import { BadAnswer } from '../../../../src/kubernetes/client/bad-answer.js'
import { watchEvent } from '../../../../src/kubernetes/client/watch-event.js'

const read = (event: unknown) =>
  watchEvent('GET /api/v1/nodes', typeof event === 'string' ? event : JSON.stringify(event), 'cp1')
const w1 = { metadata: { name: 'w1', resourceVersion: '18446744073709551615' } }

describe('a line of a watch', () => {
  it.each([
    ['ADDED', 'is'],
    ['MODIFIED', 'is'],
    ['DELETED', 'gone'],
  ])('of the type %s tells that an object %s, and of which version', (type, kind) => {
    expect(read({ type, object: w1 })).toEqual({ kind, object: w1, version: 18446744073709551615n })
  })

  it('that is a bookmark tells of no object', () => {
    expect(read({ type: 'BOOKMARK', object: { metadata: { resourceVersion: '7' } } })).toBeUndefined()
  })

  it('that is an error ends the watch with its code and words', () => {
    const gone = { kind: 'Status', code: 410, reason: 'Expired', message: 'too old resource version: 1 (2)' }
    expect(() => read({ type: 'ERROR', object: gone })).toThrow(
      new ApiError(410, 'Expired', 'GET /api/v1/nodes: too old resource version: 1 (2)'),
    )
    expect(() => read({ type: 'ERROR', object: { code: 'toString' } })).toThrow(ApiError)
  })

  it.each([
    '',
    'null',
    '[]',
    '{"type":"ADDED"',
    { type: 'ADDED' },
    { type: 'ADDED', object: [] },
    { type: 'toString', object: w1 },
    { type: 3, object: w1 },
    { type: 'ADDED', object: { metadata: { name: 'w1' } } },
    { type: 'ADDED', object: { metadata: { resourceVersion: '1' } } },
    { type: 'ADDED', object: { metadata: { name: 'w1', resourceVersion: '1e3' } } },
    { type: 'ADDED', object: { metadata: { name: 7, resourceVersion: '1' } } },
  ])('that says nothing of an object is a bad answer: %j', (event) => {
    expect(() => read(event)).toThrow(BadAnswer)
  })
})
