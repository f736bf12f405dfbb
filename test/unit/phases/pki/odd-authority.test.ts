import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import {
  type FoundAuthority,
  refuseStrangers,
  refuseUnfit,
} from '../../../../src/phases/pki/authority-guards.js'
import { createAuthority } from '../../../../src/pki/authorities.js'

const now = new Date()
const path = '/etc/kubernetes/pki/ca.crt'
let ours = ''
let theirs = ''
beforeAll(async () => {
  const make = async () => (await createAuthority('kubernetes', { now, random: randomBytes })).certificate
  ;[ours, theirs] = await Promise.all([make(), make()])
})

const host = (name: string, certificate: string, key = false): FoundAuthority => ({
  host: name,
  certificate,
  key,
})
function refusalOf(found: readonly FoundAuthority[]): unknown {
  try {
    refuseStrangers(found, path, 'cluster')
  } catch (error) {
    return error
  }
  return undefined
}

describe('Of hosts with different authorities', () => {
  test('nobody is refused while all have the same', () => {
    expect(refusalOf([host('cp1', ours, true), host('w1', ours), host('w2', ours)])).toBeUndefined()
  })

  test('the one that stands apart is named, not the first of the inventory', () => {
    expect(refusalOf([host('cp1', ours, true), host('w1', ours), host('w2', theirs)])).toMatchObject({
      host: 'w2',
      message: 'w2 belongs to another cluster',
      next: expect.stringContaining('remove w2 from the inventory'),
    })
    expect(
      refusalOf([host('cp1', theirs, true), host('cp2', ours, true), host('cp3', ours, true)]),
    ).toMatchObject({
      host: 'cp1',
    })
  })

  test('a control plane with the key counts for more than workers', () => {
    expect(refusalOf([host('w1', theirs), host('w2', theirs), host('cp1', ours, true)])).toMatchObject({
      message: 'w1, w2 belong to another cluster',
    })
  })

  test('nobody is called the wrong one where it cannot be said', () => {
    expect(refusalOf([host('cp1', ours, true), host('cp2', theirs, true)])).toMatchObject({
      host: undefined,
      message: 'these hosts belong to different clusters',
    })
  })
})

test('an authority that is not valid is refused with what to do, and never replaced', () => {
  expect(() => refuseUnfit('cp1', path, ours, now)).not.toThrow()
  const later = new Date(now.getTime() + 11 * 365 * 86_400_000)
  expect(() => refuseUnfit('cp1', path, ours, later)).toThrow(/^\/etc\/kubernetes\/pki\/ca\.crt expired on /)
  expect(() => refuseUnfit('cp1', path, ours, new Date(0))).toThrow('is not valid before')
})
