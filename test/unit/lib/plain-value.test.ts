import { describe, expect, it } from 'vitest'
import { catalog } from '../../../src/catalog.js'
import { apiError } from '../../../src/kubernetes/client/api-error.js'
import { plainValue } from '../../../src/lib/plain-value.js'
import { toldByFiles } from '../../../src/preflight/on-disk.js'
import { clusterSpec, hostSpec } from '../../support/spec.js'

const odd = { toString: false, valueOf: 1 }

describe('a mapping that has keys of Object.prototype', () => {
  it('is a text', () => {
    expect([odd, [odd], 'a', 1, null, undefined].map(plainValue)).toEqual([
      '{"toString":false,"valueOf":1}',
      '[{"toString":false,"valueOf":1}]',
      'a',
      '1',
      'null',
      'undefined',
    ])
  })

  it('is one in the answer of an API server', () => {
    const { message, reason } = apiError('GET', '/x', 400, JSON.stringify({ message: odd, reason: odd }))
    expect([message, reason]).toEqual([`GET /x: 400 ${plainValue(odd)}`, plainValue(odd)])
  })

  it('is one in a manifest of a host', () => {
    const manifest = JSON.stringify({ spec: { containers: [{ command: [odd], args: [[odd]] }] } })
    const files = new Map([['/etc/kubernetes/manifests/kube-apiserver.yaml', manifest]])
    expect(toldByFiles(clusterSpec(), hostSpec(), files, catalog)).toEqual([])
  })
})
