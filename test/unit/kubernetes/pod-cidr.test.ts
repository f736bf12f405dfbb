import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type PodCidrRule, podCidrRule, podCidrsOf } from '../../../src/kubernetes/pod-cidr.js'
import { overlaps, parseCidr } from '../../../src/lib/cidr.js'

const node = (name: string, podCIDR: string | undefined, day = 1) => ({
  metadata: { name, creationTimestamp: `2026-01-${String(day).padStart(2, '0')}T00:00:00Z` },
  spec: podCIDR === undefined ? {} : { podCIDR },
})
const rule = podCidrRule('10.244.0.0/16', {})
const podCidrOf = ({ metadata }: ReturnType<typeof node>, nodes: readonly unknown[], by: PodCidrRule) =>
  podCidrsOf(nodes, by).get(metadata.name)

describe("a node's podCIDR", () => {
  it('is used when it is a share of the pod subnet', () => {
    const own = node('w1', '10.244.3.0/24')
    expect(podCidrOf(own, [own, node('w2', '10.244.4.0/24')], rule)).toBe('10.244.3.0/24')
  })

  it('is waited for while there is none', () => {
    expect(podCidrOf(node('w1', undefined), [], rule)).toBeUndefined()
  })

  it.each([
    ['everything', '0.0.0.0/0'],
    ['a machine', '10.88.0.11/32'],
    ['the pod subnet itself', '10.244.0.0/16'],
    ['more than the pod subnet', '10.244.0.0/15'],
    ['the network beside it', '10.245.0.0/24'],
    ['a part of a share', '10.244.3.0/25'],
    ['another way to write it', '10.244.3.7/24'],
    ['the other family', 'fd00::/64'],
    ['a flag', '--help'],
    ['two words', '10.244.3.0/24 via'],
    ['a number', 7],
  ])('that is %s is refused or not there', (_, text) => {
    const own = node('w1', text as string)
    expect(podCidrOf(own, [own], rule)).not.toBeTypeOf('string')
  })

  it('that overlaps an older node’s is refused, and the older keeps its own', () => {
    const [old, young] = [node('w2', '10.244.3.0/24', 1), node('w1', '10.244.3.0/24', 2)]
    expect(podCidrOf(old, [young, old], rule)).toBe('10.244.3.0/24')
    expect(podCidrOf(young, [young, old], rule)).toEqual({
      what: expect.stringContaining('node w2, which is older'),
    })
  })

  it('is not taken by an older node whose own is refused', () => {
    const own = node('w1', '10.244.3.0/24', 2)
    expect(podCidrOf(own, [node('evil', '0.0.0.0/0', 1), own], rule)).toBe('10.244.3.0/24')
  })

  it('has the size the controller manager is told', () => {
    const own = node('w1', '10.244.3.0/25')
    expect(podCidrOf(own, [own], podCidrRule('10.244.0.0/16', { 'node-cidr-mask-size': '25' }))).toBe(
      '10.244.3.0/25',
    )
    const six = node('w1', 'fd00:0:0:1::/64')
    expect(podCidrOf(six, [six], podCidrRule('fd00::/48', {}))).toBe('fd00:0:0:1::/64')
    const wide = podCidrRule('fd00::/48', { 'node-cidr-mask-size-ipv6': '80' })
    expect(podCidrOf(six, [six], wide)).toEqual({ what: 'each node has a /80 of fd00::/48' })
    const another = podCidrRule('10.244.0.0/16', { 'allocate-node-cidrs': 'false' })
    expect(podCidrOf(own, [own], another)).toBe('10.244.3.0/25')
  })

  it('of nodes of whatever kind never overlaps another’s that is used', () => {
    const share = fc.oneof(
      fc
        .tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.integer({ min: 0, max: 32 }))
        .map(([b, c, d, bits]) => `10.${b}.${c}.${d}/${bits}`),
      fc.nat(3).map((c) => `10.244.${c}.0/24`),
    )
    const some = fc
      .array(fc.tuple(share, fc.integer({ min: 1, max: 3 })), { maxLength: 8 })
      .map((list) => list.map(([cidr, day], i) => node(`n${i}`, cidr, day)))
    fc.assert(
      fc.property(some, (nodes) => {
        const used = nodes.flatMap((one) => {
          const found = podCidrOf(one, nodes, rule)
          return typeof found === 'string' ? [parseCidr(found)] : []
        })
        for (const [i, a] of used.entries())
          for (const b of used.slice(i + 1)) expect(a && b && overlaps(a, b)).toBe(false)
      }),
    )
  })

  it('of each is what comparing it with every other gives, also where another allocates shares of any size', () => {
    const any = podCidrRule('10.244.0.0/16', { 'allocate-node-cidrs': 'false' })
    const share = fc
      .tuple(fc.nat(7), fc.integer({ min: 21, max: 26 }))
      .map(([c, bits]) => `10.244.${bits < 24 ? c - (c % 2 ** (24 - bits)) : c}.0/${bits}`)
    const some = fc.array(fc.tuple(share, fc.integer({ min: 1, max: 3 })), { maxLength: 12 })
    fc.assert(
      fc.property(some, (list) => {
        const nodes = list.map(([cidr, day], i) => ({ day, i, cidr: parseCidr(cidr) }))
        const found = podCidrsOf(
          list.map(([cidr, day], i) => node(`n${String(i).padStart(2, '0')}`, cidr, day)),
          any,
        )
        for (const one of nodes) {
          const taken = nodes.some(
            (other) =>
              (other.day < one.day || (other.day === one.day && other.i < one.i)) &&
              other.cidr &&
              one.cidr &&
              overlaps(other.cidr, one.cidr),
          )
          const its = found.get(`n${String(one.i).padStart(2, '0')}`)
          expect(typeof its).toBe(taken ? 'object' : 'string')
        }
      }),
    )
  })
})
