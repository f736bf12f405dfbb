import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { createAuthority } from '../../../src/pki/authorities.js'
import { joinedTrust, sameTrust, shares, trustListOf, trustsAll, trustText } from '../../../src/pki/trust.js'

let [a, b, c] = ['', '', '']
beforeAll(async () => {
  const make = async () =>
    (await createAuthority('kubernetes', { now: new Date(), random: randomBytes })).signer.certificate
  ;[a, b, c] = await Promise.all([make(), make(), make()])
})

describe('the certificates of a file', () => {
  test('are together its text, whatever stands between them', () => {
    const text = `# old\n${a}\n# new\r\n${b.replaceAll('\n', '\r\n')}trailer`
    expect(trustListOf(text)).toHaveLength(2)
    expect(trustText(trustListOf(text))).toBe(text)
    expect(sameTrust(trustListOf(text), [b, a])).toBe(true)
    expect(trustListOf(a)).toEqual([a])
    expect(trustText([a.trimEnd(), b])).toBe(a + b)
  })

  test('are compared as certificates', () => {
    expect(shares([a, b], [c, b])).toBe(true)
    expect(shares([a], [b, c])).toBe(false)
    expect(trustsAll([a, b, c], [c, a])).toBe(true)
    expect(trustsAll([a], [a, b])).toBe(false)
    expect(sameTrust([a, b], [b, a, b])).toBe(true)
    expect(() => shares(['nonsense'], [a])).toThrow()
  })

  test('are joined with those of lists that share one, also by way of others, and with no stranger’s', () => {
    expect(joinedTrust([a], [])).toEqual([a])
    expect(
      joinedTrust(
        [b],
        [
          [a, c],
          [b, a],
        ],
      ),
    ).toEqual([b, a, c])
    expect(joinedTrust([a], [[b, c]])).toEqual([a])
  })
})
