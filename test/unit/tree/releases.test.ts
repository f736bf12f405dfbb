import { describe, expect, it } from 'vitest'
import { sources } from './source.js'

const folder = 'src/kubernetes/releases/'
const at = (pattern: RegExp, skip: (file: string) => boolean = () => false): string[] =>
  [...sources]
    .filter(([file]) => !skip(file))
    .flatMap(([file, text]) =>
      text
        .split('\n')
        .filter((line) => pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )
const textOf = (file: string): string => sources.get(file) ?? ''

describe('the release of a run', () => {
  it('is none: machines have releases, and the cluster those of phases/cluster-release.ts', () => {
    const [, context = ''] =
      /export interface Context \{([\s\S]*?)\n\}/.exec(textOf('src/cluster/context.ts')) ?? []
    expect(context).toContain('machines: readonly Machine[]')
    expect(context).not.toMatch(/\brelease\b/)
    expect(at(/\bcontext\.release\b|Pick<Context,[^>]*'release'/)).toEqual([])
  })

  it('is not taken from the inventory by what is built: its version is that of no machine in particular', () => {
    const builds =
      /^src\/(phases|cluster|steps|preflight|kubernetes|verify|operations|networks|balancers|runtimes|pki)\//
    expect(at(/\bspec\.(version|minor)\b/, (file) => !builds.test(file))).toEqual([
      'src/cluster/cluster-release.ts: const own = ({ spec }: Cluster): Release => releaseFor(spec.version)',
    ])
  })
})

describe('versions of Kubernetes', () => {
  /** What else has versions that are compared, and whose they are. */
  const others = {
    'src/preflight/version-checks.ts': 'containerd and etcd',
    'src/preflight/external-etcd-checks.ts': 'etcd',
    'src/upgrade/checks/etcd-checks.ts': 'etcd',
    'src/cluster/etcd/hop.ts': 'etcd',
    'src/inventory/version.ts': 'none: it reads one',
  }
  const comparing = (file: string): boolean => file.startsWith(folder)

  it('are compared in kubernetes/releases only', () => {
    const users = [...sources].filter(([, text]) => /from 'semver'/.test(text)).map(([file]) => file)
    expect(users.filter((file) => !comparing(file)).sort()).toEqual(Object.keys(others).sort())
    expect(at(/\bsemver\.(?!parse\()/, (file) => file !== 'src/inventory/version.ts')).toEqual([])
    // in the others it is what the release requires that another program is compared with
    const lines = at(/\bsemver\./, (file) => comparing(file) || !(file in others))
    expect(
      lines.filter((line) => /[mM]inor\b|\bpatch\b|kubernetes|(wanted|release)\.version/.test(line)),
    ).toEqual([])
  })

  it.each([
    ['minors', /[mM]inor\)?\s*(===|!==|<=?|>=?)\s(?!undefined)|\s(===|!==|<=|>=)\s*[\w.]*[mM]inor\b/],
    ['a minor, taken apart', /[mM]inor\.split\(|\.split\('\.'\)\[1\]|Number\([\w.]*[mM]inor/],
  ])('never outside: %s', (_, pattern) => {
    // of etcd
    const member = 'src/kubernetes/etcd/member-work.ts'
    expect(at(pattern, (file) => comparing(file) || file === member)).toEqual([])
    // the scan sees what it is for
    expect(at(pattern, (file) => !comparing(file))).not.toEqual([])
  })
})
