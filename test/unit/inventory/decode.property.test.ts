import fc from 'fast-check'
import { dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { InventoryError } from '../../../src/inventory/problem.js'
import { UserError } from '../../../src/lib/errors.js'
import { decode, good } from './support.js'

/** Decodes; a UserError is an answer, and every place it names must lie in the text. */
function answer(text: string): void {
  try {
    decode(text)
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    if (!(error instanceof InventoryError)) return
    const lines = text.split('\n')
    expect(error.problems.length).toBeGreaterThan(0)
    for (const { line, column, at, what, write } of error.problems) {
      expect(at).toBe(`i.yaml:${line}:${column}`)
      expect(line).toBeGreaterThanOrEqual(1)
      expect(column).toBeGreaterThanOrEqual(1)
      expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? -1) + 1)
      expect(what).not.toBe('')
      expect(write).not.toBe('')
    }
  }
}

describe('any text', () => {
  it('gives a cluster or a UserError', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), answer), { numRuns: 500 })
  })

  it('does so too when it is a good inventory with a piece cut out, put in or moved', () => {
    const at = fc.nat({ max: good.length })
    const piece = fc.constantFrom(
      '',
      ' ',
      '\n',
      '\t',
      ':',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '"',
      '#',
      '&a ',
      '*a',
      '~',
      '1.20',
      '\r',
    )
    fc.assert(
      fc.property(at, fc.nat({ max: 12 }), piece, (from, length, into) =>
        answer(good.slice(0, from) + into + good.slice(from + length)),
      ),
      { numRuns: 1500 },
    )
  })
})

/** Every path in a tree, leaves and branches. */
function pathsOf(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path]
  const inner = Object.entries(value).flatMap(([key, one]) => pathsOf(one, [...path, key]))
  return [path, ...inner]
}

const rich = load(`${good}
runtime: docker
network: bridge
dns: { enabled: false, imageTag: x }
apiServer: { bindPort: 6443, certSANs: [a.example.com, 192.0.2.1], extraArgs: { v: "4" } }
etcd: { dataDir: /var/lib/etcd, extraArgs: { v: "1" } }
kubelet: { config: { maxPods: 10 }, extraArgs: { v: "4" } }
kubeProxy: { config: { mode: iptables } }
verify: { image: x }
ssh: { user: root, port: 22, key: ~/.ssh/id, knownHosts: k, hostKeys: strict }
lab: { provider: nspawn, bridge: b, gateway: 192.0.2.1/24, directory: d }
`)

/** `rich` with what stands at the path replaced, or deleted when there is no `by`. */
function mutated(path: readonly string[], by: readonly unknown[]): unknown {
  const last = path.at(-1)
  if (last === undefined) return by[0]
  const copy: unknown = structuredClone(rich)
  let here: unknown = copy
  for (const part of path.slice(0, -1)) here = Reflect.get(Object(here), part)
  if (by.length === 0) Reflect.deleteProperty(Object(here), last)
  else Reflect.set(Object(here), last, by[0])
  return copy
}

describe('a good inventory with values deleted or replaced', () => {
  const other = fc.oneof(
    fc.constantFrom(null, true, 0, -1, 1.2, '', ' ', 'x', '--v', '1.20', '10.0.0.0/8', [], {}, [null], {
      a: null,
    }),
    fc.jsonValue({ maxDepth: 2 }),
  )

  it('gives a cluster or a UserError with places in the text', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...pathsOf(rich)),
        fc.array(other, { maxLength: 1 }),
        fc.integer({ min: -1, max: 3 }),
        (path, by, flowLevel) => answer(dump(mutated(path, by), { flowLevel, skipInvalid: true })),
      ),
      { numRuns: 1500 },
    )
  })

  // what property names of Object.prototype do to a value that is made a text (a run of this test found the first)
  it.each(['toString', 'valueOf', 'constructor', '__proto__', 'toJSON'])(
    'does so with a mapping that has the key %s',
    (key) => {
      const odd = load(`{ ${key}: false }`)
      for (const path of pathsOf(rich)) for (const by of [odd, [odd]]) answer(dump(mutated(path, [by])))
    },
  )

  it('is good before: every mutation starts from a cluster', () => {
    expect(decode(dump(rich)).hosts).toHaveLength(2)
  })
})

describe('any good inventory', () => {
  const label = fc.stringMatching(/^[a-z]([a-z0-9-]{0,8}[a-z0-9])?$/)
  const address = fc.integer({ min: 1, max: 0xfffe }).map((n) => `172.16.${n >> 8}.${n & 255}`)
  const entry = fc.record({ name: label, address, worker: fc.boolean() })
  const hosts = fc
    .uniqueArray(entry, { minLength: 1, maxLength: 12, selector: ({ name }) => name })
    .filter((all) => new Set(all.map((host) => host.address)).size === all.length)
    .map((all) =>
      all.map(({ name, address: at, worker }, i) => ({
        name,
        address: at,
        roles: [...(i === 0 ? ['control-plane'] : []), ...(worker || i > 0 ? ['worker'] : [])],
      })),
    )

  it('keeps its hosts’ names, addresses and roles, in their order', () => {
    fc.assert(
      fc.property(hosts, fc.integer({ min: -1, max: 3 }), fc.boolean(), (all, flowLevel, crlf) => {
        const tree = {
          kubernetes: { version: '1.20.2' },
          binaries: { bundle: 'b' },
          hosts: Object.fromEntries(all.map(({ name, ...rest }) => [name, rest])),
        }
        const text = dump(tree, { flowLevel })
        const spec = decode(crlf ? text.replaceAll('\n', '\r\n') : text)
        expect(spec.hosts.map(({ name, address: at, roles }) => ({ name, address: at, roles }))).toEqual(all)
        expect(spec.endpoint).toEqual({ host: all[0]?.address, port: 6443, named: false, explicit: false })
      }),
    )
  })
})
