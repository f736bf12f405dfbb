import { SocketAddress } from 'node:net'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, canonicalCidr, parseAddress, unusableAddress } from '../../../src/lib/cidr.js'

const group = fc.oneof(fc.constant(0), fc.nat({ max: 0xffff }))
/** Of any address, and of those that embed an IPv4 address: "::1.2.3.4", "::ffff:1.2.3.4". */
const groups = fc.oneof(
  fc.array(group, { minLength: 8, maxLength: 8 }),
  fc.tuple(fc.constantFrom(0, 1, 0xffff), group, group).map((end) => [0, 0, 0, 0, 0, ...end]),
)
/** One of the ways to write an IPv6 address: leading zeros, capitals, nothing shortened. */
const written = fc
  .record({ groups, width: fc.integer({ min: 1, max: 4 }), upper: fc.boolean() })
  .map(({ groups: all, width, upper }) => {
    const text = all.map((one) => one.toString(16).padStart(width, '0')).join(':')
    return upper ? text.toUpperCase() : text
  })

describe('the canonical form of an address', () => {
  it('is the one the C library prints, and so ip, ssh and known_hosts', () => {
    fc.assert(
      fc.property(written, (text) => {
        expect(canonicalAddress(text)).toBe(new SocketAddress({ address: text, family: 'ipv6' }).address)
      }),
    )
  })

  it('is the same for every way to write one address, and of the same value', () => {
    fc.assert(
      fc.property(written, (text) => {
        const one = canonicalAddress(text)
        expect(canonicalAddress(one)).toBe(one)
        expect(parseAddress(one)).toEqual(parseAddress(text))
      }),
    )
  })

  it.each([
    ['10.0.0.1', '10.0.0.1'],
    ['2001:DB8:0:0::11', '2001:db8::11'],
    ['::1.2.3.4', '::1.2.3.4'],
    ['::FFFF:102:304', '::ffff:1.2.3.4'],
    ['api.Example.com', 'api.Example.com'],
    ['010.0.0.1', '010.0.0.1'],
    ['', ''],
  ])('of %j is %j', (text, form) => expect(canonicalAddress(text)).toBe(form))

  it.each([
    ['2001:DB8:0::/64', '2001:db8::/64'],
    ['10.0.0.1/8', '10.0.0.1/8'],
    ['nonsense/8', 'nonsense/8'],
  ])('of the subnet %j is %j', (text, form) => expect(canonicalCidr(text)).toBe(form))
})

it.each([
  ['127.255.0.1', 'loopback'],
  ['0.1.2.3', 'unspecified'],
  ['255.255.255.255', 'broadcast'],
  ['239.1.1.1', 'multicast'],
  ['169.254.0.1', 'link-local'],
  ['::1', 'loopback'],
  ['::', 'unspecified'],
  ['febf::1', 'link-local'],
  ['::ffff:10.0.0.1', 'IPv4-mapped'],
  ['::ffff:a00:1', 'IPv4-mapped'],
  ['::10.0.0.1', 'IPv4-compatible'],
  ['::a00:1', 'IPv4-compatible'],
  ['10.0.0.1', undefined],
  ['192.0.2.1', undefined],
  ['100.64.0.1', undefined],
  ['fd00::1', undefined],
  ['2001:db8::1', undefined],
  ['a.example.com', undefined],
])('the address %s of one machine: %s', (address, kind) => expect(unusableAddress(address)).toBe(kind))
