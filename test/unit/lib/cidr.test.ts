import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  containsAddress,
  networkOf,
  nthAddress,
  overlaps,
  parseAddress,
  parseCidr,
} from '../../../src/lib/cidr.js'

function cidr(text: string) {
  const parsed = parseCidr(text)
  if (!parsed) throw new Error(`${text} is no CIDR`)
  return parsed
}

describe('parseAddress', () => {
  it.each([
    ['0.0.0.0', 'ipv4', 0n],
    ['10.0.0.1', 'ipv4', 0x0a000001n],
    ['255.255.255.255', 'ipv4', 0xffffffffn],
    ['::', 'ipv6', 0n],
    ['::1', 'ipv6', 1n],
    ['FD00::a', 'ipv6', 0xfd00n * 2n ** 112n + 10n],
    ['2001:db8:0:0:0:0:0:1', 'ipv6', 0x20010db8n * 2n ** 96n + 1n],
  ])('reads %s', (text, family, value) => {
    expect(parseAddress(text)).toEqual({ family, value })
  })

  it.each([
    '',
    ' ',
    '10',
    '10.0.0',
    '10.0.0.1.2',
    '10.0.0.256',
    '10.0.0.01',
    '010.0.0.1',
    '0x0a.0.0.1',
    '10.0.0.1 ',
    '10.0.0.-1',
    '167772161',
    'localhost',
    ':::',
    '::1%eth0',
    '1::2::3',
    '[::1]',
    '10.0.0.1/8',
    'fd00::12345',
  ])('refuses %j', (text) => {
    expect(parseAddress(text)).toBeUndefined()
  })
})

describe('parseCidr', () => {
  it.each([
    ['10.96.0.0/12', '10.96.0.0/12', 2n ** 20n],
    ['10.96.0.1/12', '10.96.0.0/12', 2n ** 20n],
    ['10.0.0.5/32', '10.0.0.5/32', 1n],
    ['10.0.0.5/0', '0.0.0.0/0', 2n ** 32n],
    ['fd00::1/112', 'fd00::/112', 2n ** 16n],
    ['fd00::1/128', 'fd00::1/128', 1n],
    ['FD00:0:0::/48', 'fd00::/48', 2n ** 80n],
  ])('%s is the network %s', (text, network, size) => {
    const parsed = cidr(text)
    expect(networkOf(parsed)).toBe(network)
    expect(parsed).toMatchObject({ text, size })
  })

  it.each([
    '',
    '/',
    '10.0.0.0',
    '10.0.0.0/',
    '10.0.0.0/33',
    '10.0.0.0/-1',
    '10.0.0.0/08',
    '10.0.0.0/8/8',
    '10.0.0.0/ 8',
    '10.0.0/8',
    'fd00::/129',
    'fd00::/1e1',
  ])('refuses %j', (text) => {
    expect(parseCidr(text)).toBeUndefined()
  })
})

describe('overlaps', () => {
  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', true],
    ['10.0.0.0/16', '10.0.255.255/32', true],
    ['10.0.0.0/16', '10.1.0.0/16', false],
    ['0.0.0.0/0', '255.255.255.255/32', true],
    ['fd00::/64', 'fd00:0:0:1::/64', false],
    ['fd00::/63', 'fd00:0:0:1::/64', true],
    ['0.0.0.0/0', '::/0', false],
  ])('%s and %s: %s', (a, b, answer) => {
    expect(overlaps(cidr(a), cidr(b))).toBe(answer)
    expect(overlaps(cidr(b), cidr(a))).toBe(answer)
  })
})

describe('containsAddress', () => {
  it.each([
    ['10.96.0.0/12', '10.96.0.0', true],
    ['10.96.0.0/12', '10.111.255.255', true],
    ['10.96.0.0/12', '10.112.0.0', false],
    ['10.96.0.0/12', '10.95.255.255', false],
    ['fd00::/112', 'fd00::ffff', true],
    ['fd00::/112', 'fd00::1:0', false],
    ['::/0', '10.0.0.1', false],
    ['0.0.0.0/0', 'no address', false],
  ])('%s and %s: %s', (subnet, address, answer) => {
    expect(containsAddress(cidr(subnet), address)).toBe(answer)
  })
})

describe('nthAddress', () => {
  it.each([
    ['10.96.0.0/12', 0, '10.96.0.0'],
    ['10.96.0.0/12', 10, '10.96.0.10'],
    ['10.96.0.0/12', 256, '10.96.1.0'],
    ['10.96.0.7/12', 1, '10.96.0.1'],
    ['fd00::/112', 10, 'fd00::a'],
  ])('of %s, number %i is %s', (subnet, n, address) => {
    expect(nthAddress(subnet, n)).toBe(address)
  })

  it.each([
    ['10.0.0.0/30', 4],
    ['nonsense', 0],
  ])('throws for %s and %i', (subnet, n) => {
    expect(() => nthAddress(subnet, n)).toThrow(`${subnet} has no address number ${n}`)
  })
})

describe('any subnet', () => {
  const subnet = fc.oneof(
    fc.tuple(fc.ipV4(), fc.integer({ min: 0, max: 32 })),
    fc.tuple(
      fc
        .bigInt({ min: 0n, max: 2n ** 128n - 1n })
        .map((n) => (n.toString(16).padStart(32, '0').match(/.{4}/g) ?? []).join(':')),
      fc.integer({ min: 0, max: 128 }),
    ),
  )
  const texts = subnet.map(([address, prefix]) => ({ address, text: `${address}/${prefix}` }))

  it('holds the address it was written with, and its network is written one way', () => {
    fc.assert(
      fc.property(texts, ({ address, text }) => {
        const parsed = cidr(text)
        expect(containsAddress(parsed, address)).toBe(true)
        expect(networkOf(cidr(networkOf(parsed)))).toBe(networkOf(parsed))
      }),
    )
  })

  it('overlaps another exactly when one holds the first address of the other', () => {
    fc.assert(
      fc.property(texts, texts, (a, b) => {
        const [one, two] = [cidr(a.text), cidr(b.text)]
        const [first, second] = [one, two].map((each) => networkOf(each).split('/')[0] ?? '')
        expect(overlaps(one, two)).toBe(
          containsAddress(one, second ?? '') || containsAddress(two, first ?? ''),
        )
      }),
    )
  })

  it('holds its n-th address while there are that many', () => {
    fc.assert(
      fc.property(texts, fc.nat({ max: 1000 }), ({ text }, n) => {
        const parsed = cidr(text)
        if (BigInt(n) >= parsed.size) expect(() => nthAddress(text, n)).toThrow()
        else expect(containsAddress(parsed, nthAddress(text, n))).toBe(true)
      }),
    )
  })

  it('or any text at all is read or refused, never thrown at', () => {
    const piece = fc.constantFrom('0', '1', '255', '.', ':', '/', '%', 'f', 'x', ' ', '-')
    fc.assert(
      fc.property(fc.array(piece), (pieces) => void parseCidr(pieces.join(''))),
      { numRuns: 1000 },
    )
  })
})
