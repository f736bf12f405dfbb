import { describe, expect, it } from 'vitest'
import { changed, decode, good, said } from './support.js'

const bundle = 'binaries:\n  bundle: ./bundle\n'
/** Without a bundle; `lines` stand where it stood, from line 7 on. */
const without = (lines = '', text = good): string => changed(bundle, lines, text)

describe('an inventory without a bundle', () => {
  it('has hosts download Kubernetes, and images pulled', () => {
    const spec = decode(without())
    expect(spec.sources).toEqual({
      kubernetes: 'download',
      runtime: 'packages',
      cniPlugins: 'packages',
      versions: {},
      mirrors: {},
      caCertificate: undefined,
    })
    expect(spec.binaries).toEqual({ bundle: undefined })
    expect(spec.verify.image).toMatch(/^docker\.io\/library\/busybox:\d/)
    expect(spec.runtime).toBe('docker')
  })

  it('has the runtime that needs no program of a bundle', () => {
    const newer = changed('"1.20.2"', '"1.36.2"')
    expect(decode(without('', newer)).runtime).toBe('containerd')
  })

  it('says what only a bundle can provide', () => {
    expect(said(without('sources: { kubernetes: bundle }\n'))).toEqual([
      'i.yaml:7:24: no bundle is named → set binaries: { bundle: DIRECTORY }, or use download',
    ])
    const etcd = `${good}  e1: { address: 192.0.2.31, roles: [etcd] }\n`
    expect(said(without('etcd: { install: bundle }\n', etcd))).toEqual([
      'i.yaml:7:18: no bundle is named → set binaries: { bundle: DIRECTORY }, or use package, download or tarball',
    ])
  })
})

describe('an inventory with a bundle', () => {
  it('uses it, unless told otherwise', () => {
    expect(decode(good).sources.kubernetes).toBe('bundle')
    expect(decode(changed(bundle, `${bundle}sources: { kubernetes: download }\n`)).sources.kubernetes).toBe(
      'download',
    )
  })

  it('may have a mirror of what the bundle is created of, and none that nothing is downloaded from', () => {
    expect(
      said(changed(bundle, `${bundle}sources: { mirrors: { kubernetes: "https://m.test" } }\n`)),
    ).toEqual([])
    expect(said(changed(bundle, `${bundle}sources: { mirrors: { packages: "https://m.test" } }\n`))).toEqual([
      'i.yaml:9:23: a mirror of the packages of Kubernetes has no effect with sources.kubernetes: bundle → remove it, or set sources: { kubernetes: packages }',
    ])
  })
})

describe('mirrors', () => {
  it('are bases without a slash at the end, with a CA certificate of their own', () => {
    const text = without(
      'sources: { mirrors: { kubernetes: "https://m.test:8443/k8s/" }, caCertificate: ./ca.pem }\n',
    )
    expect(decode(text).sources).toEqual({
      kubernetes: 'download',
      runtime: 'packages',
      cniPlugins: 'packages',
      versions: {},
      mirrors: { kubernetes: 'https://m.test:8443/k8s' },
      caCertificate: '/etc/ks/ca.pem',
    })
  })

  it.each([
    ['http://m.test', /use https: what an unencrypted mirror gives can be replaced on the way/],
    ['https://me:secret@m.test', /without a user and a query/],
    ['m.test', /use https:\/\/mirror\.example\.com/],
  ])('cannot be %s', (url, words) => {
    const [problem, ...more] = said(without(`sources: { mirrors: { kubernetes: "${url}" } }\n`))
    expect(problem).toMatch(/^i\.yaml:7:35: .* is not the base URL of a mirror → /)
    expect(problem).toMatch(words)
    expect(more).toEqual([])
  })

  it('are there where a CA certificate is', () => {
    expect(said(without('sources: { caCertificate: ./ca.pem }\n'))).toEqual([
      'i.yaml:7:12: caCertificate applies to mirrors, and there is none → set sources.mirrors, or remove it',
    ])
  })
})

describe('packages', () => {
  const packages = (text: string, more = '') => without(`sources: { kubernetes: packages${more} }\n`, text)
  const newer = changed('"1.20.2"', '"1.36.2"')

  it('are there for a minor of the community repositories, with a mirror if there is one', () => {
    expect(decode(packages(newer, ', mirrors: { packages: "https://m.test" }')).sources).toMatchObject({
      kubernetes: 'packages',
      mirrors: { packages: 'https://m.test' },
    })
    expect(said(packages(good))).toEqual([
      'i.yaml:7:24: there are no packages of Kubernetes 1.20 → use download; the community repositories begin with a later minor',
    ])
  })

  it('have a repository of a name that no other has', () => {
    const own = changed(
      'roles: [control-plane]',
      'roles: [control-plane], os: { repositories: { kubernetes: { url: "https://r.test", key: k } } }',
      newer,
    )
    expect(said(packages(own))).toEqual([
      'i.yaml:9:77: the repository of Kubernetes is called kubernetes with sources.kubernetes: packages → remove it (sources.mirrors.packages names a mirror), or give it another name',
    ])
  })

  it('need no mirror of the releases', () => {
    expect(said(packages(newer, ', mirrors: { kubernetes: "https://m.test" }'))).toEqual([
      'i.yaml:7:45: a mirror of the releases of Kubernetes has no effect with sources.kubernetes: packages → remove it, or set sources: { kubernetes: download }',
    ])
  })
})

describe('a runtime and CNI plug-ins that are downloaded', () => {
  const newer = changed('"1.20.2"', '"1.36.2"')
  const sources = (text: string, more = '', of = newer) => without(`${more}sources: ${text}\n`, of)

  it('have versions of their own if one is named, and a mirror', () => {
    const text =
      '{ runtime: download, cniPlugins: download, versions: { runc: "1.2.3" }, mirrors: { github: "https://g.test" } }'
    expect(decode(sources(text)).sources).toMatchObject({
      kubernetes: 'download',
      runtime: 'download',
      cniPlugins: 'download',
      versions: { runc: '1.2.3' },
      mirrors: { github: 'https://g.test' },
    })
  })

  it.each([
    ['{ runtime: download }', 'runtime docker is not released as programs that can be downloaded', good],
    ['{ kubernetes: packages, cniPlugins: download }', 'requires kubernetes-cni', newer],
    [
      '{ versions: { runc: "1.2.3" } }',
      'a version of runc has no effect where runc is not downloaded',
      newer,
    ],
    ['{ runtime: download, versions: { runc: "v1.2.3" } }', '"v1.2.3" is not a version', newer],
    ['{ versions: { etcd: "3.5.24" } }', 'a version of etcd has no effect', newer],
    ['{ mirrors: { github: "https://g.test" } }', 'a mirror of GitHub has no effect', newer],
  ])('cannot be %s', (text, words, of) => {
    expect(said(sources(text, '', of))).toEqual([expect.stringContaining(words)])
  })
})

describe('a proxy', () => {
  const withProxy = (text: string) => without(`sources: { proxy: ${text} }\n`)

  it('has its password elsewhere', () => {
    const text =
      '{ https: "http://p.test:3128/", noProxy: [.example.com], auth: { username: ops, password: env:PROXY } }'
    expect(decode(withProxy(text)).sources.proxy).toEqual({
      http: undefined,
      https: 'http://p.test:3128',
      noProxy: ['.example.com'],
      auth: {
        username: 'ops',
        password: {
          source: { kind: 'env', name: 'PROXY' },
          key: 'sources.proxy.auth.password',
          at: expect.stringMatching(/^i\.yaml:7:\d+$/),
        },
      },
    })
    expect(said(withProxy('{ https: "http://p.test", auth: { username: ops, password: hunter2 } }'))).toEqual(
      [expect.stringMatching(/password is not a reference to a secret/)],
    )
  })

  it('is never shown with a login', () => {
    const [problem = '', ...more] = said(withProxy('{ https: "http://ops:hunter2@p.test:3128" }'))
    expect(problem).toContain('"http://…@p.test:3128" is not the URL of a proxy')
    expect(problem).not.toContain('hunter2')
    expect(more).toEqual([])
  })

  it.each([
    ['http://robot:pa/ss@p.test:3128', 'http://…@p.test:3128'],
    ['http://robot:pa@ss@p.test:3128', 'http://…@p.test:3128'],
    ['robot:pass@p.test:3128', '…@p.test:3128'],
    ['http:/robot:pass@p.test:3128', '…@p.test:3128'],
  ])('of %s no password is shown', (url, shown) => {
    const [problem = ''] = said(withProxy(`{ https: "${url}" }`))
    expect(problem).toContain(`"${shown}" is not the URL of a proxy`)
  })

  it.each(['p.test:3128', 'socks5://p.test', 'http://p.test/path', 'http://p.test:0'])(
    'cannot be %s',
    (url) => {
      expect(said(withProxy(`{ http: "${url}" }`))).toEqual([
        expect.stringContaining('is not the URL of a proxy'),
      ])
    },
  )

  it('has a URL, and entries of one form', () => {
    expect(said(withProxy('{ noProxy: ["a,b", "$(x)"] }'))).toEqual([
      expect.stringContaining('the proxy has no URL'),
      expect.stringContaining('"a,b" is not a name'),
      expect.stringContaining('"$(x)" is not a name'),
    ])
  })
})

it('unknown keys and choices are told with those that are known', () => {
  expect(said(without('sources: { kubernets: download }\n'))).toEqual([
    'i.yaml:7:12: unknown key kubernets → did you mean kubernetes?',
  ])
  expect(said(without('sources: { kubernetes: downlaod }\n'))).toEqual([
    'i.yaml:7:24: sources.kubernetes cannot be "downlaod" → did you mean download? (download, packages, bundle)',
  ])
})
