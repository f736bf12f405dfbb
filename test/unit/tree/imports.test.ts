import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { type Import, importsOf, literalsOf, sources } from './source.js'

/**
 * What each folder of src/ may import from others, from the top down. The engine knows steps, not
 * Kubernetes; the lab stands beside everything and only the cli knows it.
 */
const allowed: Readonly<Record<string, readonly string[]>> = {
  cli: [
    'ui',
    'catalog',
    'workflows',
    'upgrade',
    'diagnose',
    'verify',
    'operations',
    'phases',
    'preflight',
    'cluster',
    'lab',
    'bundle',
    'sources',
    'kubernetes',
    'host',
    'engine',
    'inventory',
    'lib',
  ],
  ui: ['engine', 'lib'],
  diagnose: ['engine', 'lib'],
  workflows: [
    'catalog',
    'upgrade',
    'phases',
    'preflight',
    'steps',
    'cluster',
    'diagnose',
    'runtimes',
    'kubernetes',
    'bundle',
    'sources',
    'os',
    'host',
    'engine',
    'inventory',
    'lib',
  ],
  catalog: ['runtimes', 'networks', 'balancers', 'os', 'kubernetes', 'inventory'],
  operations: ['verify', 'steps', 'cluster', 'runtimes', 'kubernetes', 'pki', 'host', 'engine', 'lib'],
  verify: ['steps', 'cluster', 'kubernetes', 'pki', 'host', 'lib'],
  phases: [
    'preflight',
    'steps',
    'cluster',
    'networks',
    'balancers',
    'resources',
    'kubernetes',
    'pki',
    'sources',
    'host',
    'engine',
    'inventory',
    'lib',
  ],
  upgrade: ['operations', 'preflight', 'cluster', 'kubernetes', 'engine', 'inventory', 'lib'],
  preflight: ['steps', 'cluster', 'resources', 'os', 'kubernetes', 'bundle', 'host', 'inventory', 'lib'],
  steps: [
    'cluster',
    'runtimes',
    'balancers',
    'resources',
    'os',
    'kubernetes',
    'pki',
    'sources',
    'host',
    'engine',
    'inventory',
    'lib',
  ],
  cluster: [
    'runtimes',
    'networks',
    'balancers',
    'resources',
    'os',
    'kubernetes',
    'pki',
    'bundle',
    'sources',
    'host',
    'engine',
    'inventory',
    'lib',
  ],
  balancers: ['resources', 'os', 'kubernetes', 'host', 'engine', 'lib'],
  networks: ['resources', 'os', 'kubernetes', 'host', 'engine', 'lib'],
  runtimes: ['resources', 'os', 'kubernetes', 'host', 'engine', 'lib'],
  resources: ['os', 'kubernetes', 'sources', 'host', 'engine', 'lib'],
  os: ['host'],
  pki: ['kubernetes', 'inventory', 'lib'],
  kubernetes: ['inventory', 'lib'],
  lab: ['bundle', 'inventory', 'lib'],
  bundle: ['sources', 'lib'],
  sources: ['lib'],
  host: ['lib'],
  engine: ['lib'],
  inventory: ['host', 'lib'],
  lib: [],
}

/** Imports upwards, of types alone: nothing is left of them when the program runs. */
const typesUpward: readonly [from: string, to: string][] = [
  ['kubernetes', 'pki'],
  ['resources', 'runtimes'],
]

const imports = [...sources].flatMap(([file, text]) => importsOf(file, text))
const between = imports.filter(({ inside, from, to }) => inside && from !== to)
const isUpward = ({ from, to }: Import): boolean => typesUpward.some(([a, b]) => a === from && b === to)

/** "src/ui/plain.ts → engine" */
const show = ({ file, to }: Import): string => `${file} → ${to}`

describe('folders of src/', () => {
  it('import only what lies below them', () => {
    const wrong = between.filter((one) => !isUpward(one) && !(allowed[one.from] ?? []).includes(one.to))
    expect(wrong.map(show)).toEqual([])
  })

  it('take only types from above, where they do', () => {
    expect(between.filter((one) => isUpward(one) && !one.types).map(show)).toEqual([])
  })

  it.each(typesUpward)('have a reason to be named as exception: %s takes types of %s', (from, to) => {
    expect(between.some((one) => one.from === from && one.to === to)).toBe(true)
  })

  it('stand in the table, each, and nothing stands in it that no file needs', () => {
    const rows = Object.entries(allowed).flatMap(([from, list]) => list.map((to) => `${from} → ${to}`))
    const used = new Set(between.map(({ from, to }) => `${from} → ${to}`))
    expect(rows.filter((row) => !used.has(row))).toEqual([])
    expect([...new Set(imports.map(({ from }) => from))].filter((from) => !(from in allowed))).toEqual([])
  })

  it('have no circle: each is below all that import it', () => {
    const below = new Set<string>()
    let left = Object.keys(allowed)
    while (left.length > 0) {
      const next = left.filter((folder) => allowed[folder]?.every((to) => below.has(to)))
      expect(next, `a circle among ${left.join(', ')}`).not.toEqual([])
      for (const folder of next) below.add(folder)
      left = left.filter((folder) => !below.has(folder))
    }
  })
})

describe('files of src/', () => {
  it('have no circle: what runs in one is loaded before all that import it', () => {
    const needs = new Map<string, string[]>()
    for (const { file, path, inside, types, dynamic } of imports)
      if (inside && !types && !dynamic) needs.set(file, [...(needs.get(file) ?? []), path])
    const loaded = new Set<string>()
    const walk = (file: string, way: readonly string[]): string[] => {
      if (way.includes(file)) return [[...way.slice(way.indexOf(file)), file].join(' → ')]
      if (loaded.has(file)) return []
      const circles = (needs.get(file) ?? []).flatMap((next) => walk(next, [...way, file]))
      loaded.add(file)
      return circles
    }
    expect([...sources.keys()].flatMap((file) => walk(file, []))).toEqual([])
    // every path that is walked is a file
    expect([...needs.values()].flat().filter((path) => !sources.has(path))).toEqual([])
  })
})

describe('packages', () => {
  const to = (name: string): Import[] =>
    imports.filter((one) => one.to === name || one.to.startsWith(`${name}/`))

  it.each([
    ['node-forge', 'src/pki/'],
    ['listr2', 'src/ui/'],
    ['yargs', 'src/cli/'],
    ['ssh2', 'src/host/ssh/'],
    ['tar-stream', 'src/(lab|bundle|operations/support)/'],
    ['js-yaml', 'src/(lib|pki|operations)/'],
  ])('%s is imported in %s only', (name, place) => {
    const found = to(name)
    expect(found).not.toEqual([])
    expect(found.filter(({ file }) => !new RegExp(`^${place}`).test(file)).map(show)).toEqual([])
  })

  it('ssh2 is loaded when it is needed, not when kubestrap starts', () => {
    expect(
      to('ssh2')
        .filter(({ types, dynamic }) => !types && !dynamic)
        .map(show),
    ).toEqual([])
  })
})

describe('versions of Kubernetes', () => {
  /** The lab builds one version, of sources it names. */
  const labSource = 'src/lab/binaries/obtain.ts'

  it('stand in kubernetes/releases only', () => {
    const found = [...sources]
      .filter(([file]) => !file.startsWith('src/kubernetes/releases/') && file !== labSource)
      .flatMap(([file, text]) => literalsOf(text).map((literal) => ({ file, literal })))
      .filter(({ literal }) => /^v?1\.[1-9]\d(\.\d+)?$/.test(literal))
    expect(found).toEqual([])
  })
})

describe('the reader of this test', () => {
  it('sees every kind of import', () => {
    const text = [
      "import a from 'a'",
      "import type { B } from './b.js'",
      "import {\n  c,\n  type D,\n} from '../c/c.js'",
      "import 'e'",
      "export { f } from '../f.js'",
      "  const { default: g } = await import('g')",
    ].join('\n')
    expect(importsOf('src/x/y.ts', text).map(({ to, types, dynamic }) => [to, types, dynamic])).toEqual([
      ['a', false, false],
      ['x', true, false],
      ['c', false, false],
      ['e', false, false],
      ['f', false, false],
      ['g', false, true],
    ])
  })

  it('sees literals and no comments', () => {
    const text = `const a = '1.20' // it's '1.21'\n/* '1.22' */ const b = "1.23" + \`1.24\``
    expect(literalsOf(text)).toEqual(['1.20', '1.23', '1.24'])
  })
})

describe('CONTRIBUTING.md', () => {
  it('names files and folders that are there', () => {
    const named = readFileSync('CONTRIBUTING.md', 'utf8').match(/(?<![\w/.-])(?:src|test)\/[\w./-]*\w/g) ?? []
    expect(named.length).toBeGreaterThan(30)
    expect(named.filter((path) => !existsSync(path))).toEqual([])
  })
})
