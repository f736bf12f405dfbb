import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { endOfNew, isDue, renewFrom, validityMs } from '../../../src/pki/renewal.js'

const dayMs = 24 * 3600 * 1000
const now = new Date('2026-11-21T12:00:00Z')
const days = (n: number): Date => new Date(now.getTime() + n * dayMs)
const authority = { notBefore: days(-300), notAfter: days(3000) }
const before = 90 * dayMs

describe('A certificate', () => {
  it.each([
    ['of a year, with 91 days left', { notBefore: days(-274), notAfter: days(91) }, false],
    ['of a year, with 90 days left', { notBefore: days(-275), notAfter: days(90) }, true],
    ['of a year, expired', { notBefore: days(-366), notAfter: days(-1) }, true],
    ['of 30 days, with 11 left', { notBefore: days(-19), notAfter: days(11) }, false],
    ['of 30 days, with 10 left', { notBefore: days(-20), notAfter: days(10) }, true],
  ])('%s: due %#', (_, found, due) => {
    expect(isDue(found, authority, now, before)).toBe(due)
  })

  it('that ends with its authority is not renewed again and again', () => {
    const old = { notBefore: days(-3600), notAfter: days(50) }
    expect(isDue({ notBefore: old.notBefore, notAfter: days(20) }, old, now, before)).toBe(true)
    expect(isDue(old, old, now, before)).toBe(false)
  })

  it('that was just renewed is not due, whatever is asked for and however old its authority', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3650 }),
        fc.integer({ min: 1, max: 3650 }),
        fc.integer({ min: 1, max: 121 }),
        (age, left, asked) => {
          const signer = { notBefore: days(-age), notAfter: days(left) }
          const fresh = { notBefore: signer.notBefore, notAfter: endOfNew(now, signer) }
          expect(isDue(fresh, signer, now, asked * dayMs)).toBe(false)
        },
      ),
    )
  })

  it('is renewed in its last third at the earliest', () => {
    const found = { notBefore: days(0), notAfter: days(30) }
    expect(renewFrom(found, before)).toEqual(days(20))
    expect(renewFrom({ notBefore: now, notAfter: new Date(now.getTime() + validityMs) }, before)).toEqual(
      days(275),
    )
  })
})
