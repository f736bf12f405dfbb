import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../../../src/pki/authorities.js'
import {
  type FoundAuthority,
  refuseStrangers,
  refuseUnfit,
} from '../../../../src/steps/pki/authority-guards.js'

const now = new Date()
const path = '/etc/kubernetes/pki/ca.crt'
let ours = ''
let theirs = ''
let third = ''
beforeAll(async () => {
  const make = async () =>
    (await createAuthority('kubernetes', { now, random: randomBytes })).signer.certificate
  ;[ours, theirs, third] = await Promise.all([make(), make(), make()])
})

const host = (name: string, certificates: string | readonly string[], key = false): FoundAuthority => ({
  host: name,
  trusted: [certificates].flat(),
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

  test('those that trust a certificate in common have the same, also by way of others', () => {
    const both = [theirs, ours]
    expect(refusalOf([host('cp1', both, true), host('cp2', ours, true), host('w1', theirs)])).toBeUndefined()
    expect(refusalOf([host('w1', theirs), host('cp2', ours, true), host('cp1', both, true)])).toBeUndefined()
    expect(refusalOf([host('cp1', both, true), host('cp2', both, true), host('w1', third)])).toMatchObject({
      host: 'w1',
      message: 'w1 belongs to another cluster',
      why: expect.stringMatching(/^\/etc.*\ncp1: CA SHA-256 [0-9a-f]{64}, [0-9a-f]{64}$/m),
    })
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
  const found = { signer: ours, trusted: [ours] }
  expect(() => refuseUnfit('cp1', path, found, now)).not.toThrow()
  const later = new Date(now.getTime() + 11 * 365 * 86_400_000)
  expect(() => refuseUnfit('cp1', path, found, later)).toThrow(/^\/etc\/kubernetes\/pki\/ca\.crt expired on /)
  expect(() => refuseUnfit('cp1', path, found, new Date(0))).toThrow('is not valid before')
})

test('one that is only trusted beside the signer may have expired, but must be one', async () => {
  const early = new Date(now.getTime() - 20 * 365 * 86_400_000)
  const { signer: old } = await createAuthority('kubernetes', { now: early, random: randomBytes })
  const found = (other: string) => ({ signer: ours, trusted: [other, ours] })
  expect(() => refuseUnfit('cp1', path, found(old.certificate), now)).not.toThrow()
  expect(() => refuseUnfit('cp1', path, { ...found(old.certificate), signer: old.certificate }, now)).toThrow(
    'expired on',
  )
  expect(() => refuseUnfit('cp1', path, found('nonsense'), now)).toThrow('is not a certificate')
})
