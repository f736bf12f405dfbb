import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { hopsTo } from '../../../src/upgrade/hops.js'
import { refuseWish } from '../../../src/upgrade/refuse-wish.js'
import { supplyOf } from '../../../src/upgrade/supply.js'
import { threeAndTwo } from '../../support/node-runs.js'

const spec = { at: (path: string) => `i.yaml:2:3 (${path})` }

function said(from: string, wished: string): UserError | undefined {
  const wish = hopsTo({ nodes: threeAndTwo(from), unknown: [] }, wished, supplyOf('bundle', wished))
  try {
    refuseWish(spec, wish)
    return undefined
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
}

describe('A wished version', () => {
  it.each([
    ['1.36.3', '1.36.3'],
    ['1.36.2', '1.36.3'],
    ['1.35.6', '1.36.3'],
  ])('is gone to from %s: %s', (from, wished) => {
    expect(said(from, wished)).toBeUndefined()
  })

  it('that takes several hops is refused with their list', () => {
    const error = said('1.34.10', '1.36.3')
    expect(error).toMatchObject({ kind: 'inventory', message: 'Kubernetes 1.36.3 is 2 hops away' })
    expect(error?.why).toMatch(
      /^1\.34\.10 → 1\.35\.\d+ \(not in the source\)\n1\.35\.\d+ → 1\.36\.3\ni\.yaml:2:3/,
    )
  })

  it('that is older is refused', () => {
    expect(said('1.36.3', '1.35.7')).toMatchObject({ kind: 'inventory' })
  })

  it('is not gone to while it is not known what runs', () => {
    const unknown = [{ host: 'cp2', program: 'kubelet', why: 'no answer' }]
    const wish = hopsTo({ nodes: threeAndTwo('1.35.6'), unknown }, '1.36.3', supplyOf('download', undefined))
    expect(() => refuseWish(spec, wish)).toThrow(expect.objectContaining({ kind: 'connection' }))
  })
})
