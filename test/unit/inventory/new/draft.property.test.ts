import fc from 'fast-check'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import type { Look } from '../../../../src/inventory/new/sight.js'
import { UserError } from '../../../../src/lib/errors.js'
import { written } from './support.js'

const byte = fc.integer({ min: 1, max: 254 })
const address = fc.tuple(fc.constantFrom(10, 172, 192), byte, byte, byte).map((parts) => parts.join('.'))
const label = fc.stringMatching(/^[a-z0-9]([a-z0-9-]{0,8}[a-z0-9])?$/)

/** Each address once, some with a name of their own. */
const hosts = fc
  .record({
    addresses: fc.uniqueArray(address, { minLength: 1, maxLength: 12 }),
    names: fc.uniqueArray(label, { maxLength: 6 }),
    roles: fc.array(fc.constantFrom('control-plane', 'worker', 'load-balancer', 'etcd'), {
      minLength: 12,
      maxLength: 12,
    }),
  })
  .map(({ addresses, names, roles }) => {
    const given = {
      'control-plane': [] as string[],
      worker: [] as string[],
      'load-balancer': [] as string[],
      etcd: [] as string[],
    }
    addresses.forEach((one, i) => {
      const role = i === 0 ? 'control-plane' : (roles[i] ?? 'worker')
      given[role as keyof typeof given].push(names[i] === undefined ? one : `${names[i]}=${one}`)
    })
    return given
  })

/** Whatever a machine may answer. */
const anything = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    '# x',
    ' # ',
    '\n  evil: { address: 10.0.0.1, roles: [etcd] }',
    '\u001b[2J',
    '\u2028',
    '"',
    "'",
    ': ',
    '\u0085',
    '\ud800',
  ),
  label,
)
const look: fc.Arbitrary<Look> = fc.record({
  kind: fc.constant('seen'),
  dialled: fc.constant(undefined),
  sight: fc.record({
    hostname: anything,
    system: anything,
    unfit: fc.constant(undefined),
    cgroup: fc.constantFrom('v1' as const, 'v2' as const),
    arch: anything,
    addresses: fc.array(fc.oneof(anything, address), { maxLength: 3 }),
    defaultAddress: fc.oneof(anything, address),
    cluster: fc.option(anything, { nil: undefined }),
    root: fc.constantFrom('login', 'sudo', 'sudo-asks'),
  }),
})

/** One line feed a line, and nothing that a terminal obeys or that is not ASCII. */
const clean = /^[ -~\n]*$/

describe('any hosts', () => {
  it('give a file that every other command reads, with each host at its address', () => {
    fc.assert(
      fc.property(hosts, (given) => {
        const { text, spec } = written(given)
        expect(text).toMatch(clean)
        const addresses = Object.values(given)
          .flat()
          .map((word) => word.replace(/^.*=/, ''))
        expect(spec.hosts.map((host) => host.address).sort()).toEqual(addresses.sort())
        // and readers with other rules for numbers and words agree on its names
        expect(Object.keys(Object(Reflect.get(Object(load(text)), 'hosts')))).toEqual(
          spec.hosts.map(({ name }) => name),
        )
      }),
      { numRuns: 40 },
    )
  })
})

describe('whatever machines answer', () => {
  it('a file that is read, or an error of the command line; nothing of it reaches the file raw', () => {
    fc.assert(
      fc.property(hosts, fc.array(look, { minLength: 12, maxLength: 12 }), (given, looks) => {
        let i = 0
        try {
          const { text, spec } = written(
            given,
            {},
            () => looks[i++] ?? { kind: 'unseen', tried: true, dialled: undefined },
          )
          expect(text).toMatch(clean)
          expect(spec.hosts).toHaveLength(Object.values(given).flat().length)
        } catch (error) {
          // two machines that say they have one address, or addresses of both families
          if (!(error instanceof UserError) || error.kind !== 'usage') throw error
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('options', () => {
  const text = fc.oneof(
    fc.string({ maxLength: 20 }),
    fc.constantFrom(
      'on',
      'null',
      '~',
      '1e3',
      '0x1f',
      'a: b',
      '- x',
      '*a',
      '&a',
      '#',
      '{',
      'DOMAIN\\me',
      '1.5',
    ),
  )

  it('are in the inventory as they were given, or refused', () => {
    fc.assert(
      fc.property(text, text, (user, key) => {
        try {
          const { spec } = written({ 'control-plane': ['10.0.0.1'] }, { ssh: { user, key: `/k/${key}` } })
          expect(spec.hosts[0]?.ssh.user).toBe(user)
          expect(spec.hosts[0]?.ssh.keysNamed).toBe(true)
        } catch (error) {
          if (!(error instanceof UserError) || error.kind !== 'usage') throw error
        }
      }),
      { numRuns: 300 },
    )
  })
})
