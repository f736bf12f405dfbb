import fc from 'fast-check'
import { dump, load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { changed, decode, good, problemsOf, said } from './support.js'

describe('a control character', () => {
  it.each([
    [
      'a line feed',
      'etcd: { dataDir: "/var/lib/etcd\\nExecStartPre=/bin/x" }',
      '7:18',
      'etcd.dataDir has a line feed (U+000A) in it',
    ],
    ['an escape', 'ssh: { user: "\\e[2J" }', '7:14', 'ssh.user has an escape (U+001B) in it'],
    [
      'a mark of direction',
      'dns: { imageTag: "a\\u202eb" }',
      '7:18',
      'dns.imageTag has a control character (U+202E) in it',
    ],
    ['the line feed of a block', 'runtime: |\n  docker', '7:10', 'runtime has a line feed (U+000A) in it'],
    [
      'one in a key',
      'apiServer: { extraArgs: { "a\\tb": x } }',
      '7:27',
      'a key below apiServer.extraArgs has a tab (U+0009) in it',
    ],
    [
      'one in a kubelet’s field',
      'kubelet: { config: { staticPodPath: "/a\\0" } }',
      '7:37',
      'kubelet.config.staticPodPath has a NUL (U+0000) in it',
    ],
  ])('is refused at its place: %s', (_, lines, at, what) => {
    const problems = problemsOf(changed('binaries:', `${lines}\nbinaries:`))
    expect(problems.map((one) => [one.at, one.what])).toEqual([[`i.yaml:${at}`, what]])
  })

  it('is all that is said of its text, beside what is wrong elsewhere', () => {
    const text = changed('binaries:', 'runtime: "do\\ncker"\nnetwork: cilum\nbinaries:')
    expect(said(text)).toEqual([
      expect.stringContaining('7:10: runtime has a line feed'),
      expect.stringContaining('8:10: unknown network cilum'),
    ])
  })

  it('shows nothing of what may be a secret', () => {
    const [problem] = problemsOf(changed('binaries:', 'ssh: { password: "hun\\nter2" }\nbinaries:'))
    expect(JSON.stringify(problem)).not.toMatch(/hun|ter2/)
  })

  const rich = load(`${good}
apiServer: { certSANs: [a.example.com], extraArgs: { v: "4" } }
registries: { docker.io: { mirrors: ["https://m.example.com"] } }
kubelet: { config: { evictionHard: { memory.available: 1Mi } }, extraArgs: { v: "4" } }
groups: { g: { labels: { a: b } } }
ssh: { user: root, knownHosts: k }
lab: { bridge: b, gateway: 192.0.2.1/24, directory: d }
`)

  it('is refused wherever it stands, in keys too', () => {
    const strings = paths(rich)
    const control = fc.constantFrom(
      '\n',
      '\r',
      '\t',
      '\0',
      '\u001b',
      '\u007f',
      '\u0085',
      '\u2028',
      '\u202e',
      '\u2066',
    )
    fc.assert(
      fc.property(fc.constantFrom(...strings), control, fc.nat({ max: 30 }), (path, character, at) => {
        const tree = structuredClone(rich)
        spoil(tree, path, (text) => text.slice(0, at) + character + text.slice(at))
        const code = character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
        expect(problemsOf(dump(tree)).map(({ what }) => what)).toContainEqual(
          expect.stringContaining(`(U+${code})`),
        )
      }),
      { numRuns: 200 },
    )
    expect(decode(dump(rich)).hosts).toHaveLength(2)
  })
})

type Place = readonly [path: readonly string[], key: boolean]

/** Every string of a tree: values and keys. */
function paths(value: unknown, path: readonly string[] = []): Place[] {
  if (typeof value === 'string') return [[path, false]]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => [
    ...(Array.isArray(value) ? [] : [[[...path, key], true] as const]),
    ...paths(inner, [...path, key]),
  ])
}

function spoil(root: unknown, [path, key]: Place, by: (text: string) => string): void {
  let here: unknown = root
  for (const part of path.slice(0, -1)) here = Reflect.get(Object(here), part)
  const last = path.at(-1) ?? ''
  const value: unknown = Reflect.get(Object(here), last)
  if (!key) Reflect.set(Object(here), last, by(String(value)))
  else {
    Reflect.deleteProperty(Object(here), last)
    Reflect.set(Object(here), by(last), value)
  }
}

describe('names that every object has', () => {
  const names = ['toString', 'constructor', 'hasOwnProperty', 'valueOf', '__defineGetter__']

  it.each(names)('are no groups, registries or settings by themselves: %s', (name) => {
    const one = (line: string): string[] =>
      problemsOf(changed('binaries:', `${line}\nbinaries:`)).map(({ what }) => what)
    expect(one(`groups: { a: { groups: [${name}] } }`)).toEqual([`unknown group ${name}`])
    expect(one(`${name}: 1`)).toEqual([`unknown key ${name}`])
    expect(one(`dns: { ${name}: 1 }`)).toEqual([`unknown key ${name}`])
    expect(one(`registries: { docker.io: { mirrors: ["https://${name}"] } }`)).toEqual([])
  })

  it.each(names.slice(0, 4))('are keys as any other where a user chooses them: %s', (name) => {
    const text = changed(
      'hosts:\n',
      `groups: { ${name}: { labels: { ${name}: a }, kubelet: { config: { featureGates: { ${name}: true } } } } }\nhosts:\n  ${name}: { address: 192.0.2.31, groups: [${name}], roles: [worker] }\n`,
    )
    const [host] = decode(text).hosts
    expect(host).toMatchObject({ name: name.toLowerCase(), groups: [name] })
    expect(Object.entries(host?.labels ?? {})).toEqual([[name, 'a']])
    expect(host?.kubeletConfig).toEqual({ featureGates: { [name]: true } })
    expect(host?.origins[`labels.${name}`]).toMatch(/^groups\./)
  })

  it('have no meaning as settings of a host that has none of them', () => {
    const [host] = decode(good).hosts
    for (const name of names)
      expect([host?.origins[name], host?.labels[name], host?.kubeletExtraArgs[name]]).toEqual([
        undefined,
        undefined,
        undefined,
      ])
  })
})
