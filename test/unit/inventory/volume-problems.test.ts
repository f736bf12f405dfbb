import { describe, expect, it } from 'vitest'
import { changed, decode, said } from './support.js'

const adding = (yaml: string): string => changed('binaries:', `${yaml}\nbinaries:`)
const volumes = (text: string, component = 'apiServer'): string =>
  adding(`${component}: { extraVolumes: { ${text} } }`)

describe('extraVolumes', () => {
  it.each([
    ['Audit: { hostPath: /srv/a }', '"Audit" is not the name of a volume'],
    ['a: { hostPath: srv/a }', '"srv/a" is not a path'],
    ['a: { hostPath: /srv/../etc }', '"/srv/../etc" is not a path'],
    ['a: { hostPath: /srv/a, mountPath: "/a b" }', '"/a b" is not a path'],
    ['a: { hostPath: /etc/kubernetes/admin.conf/a, source: a }', 'not to /etc/kubernetes/admin.conf/a'],
    [
      'a: { hostPath: /etc/kubernetes/a/b, source: a }, b: { hostPath: /etc/kubernetes/a/b/c, source: a }',
      '/etc/kubernetes/a/b is a file, or a directory, too',
    ],
    ['a: { hostPath: /srv/a }, b: { hostPath: /srv/b, mountPath: /srv/a/ }', 'a is mounted at /srv/a/, too'],
    ['a: { hostPath: /srv/a, source: a.yaml }', 'kubestrap writes a source only to a directory of its own'],
    ['a: { hostPath: /etc/kubernetes/a.yaml, source: a.yaml }', 'not to /etc/kubernetes/a.yaml'],
    ['a: { hostPath: /etc/kubernetes/pki/a.key, source: a.key }', 'not to /etc/kubernetes/pki/a.key'],
    ['a: { hostPath: /etc/kubernetes/manifests/a, source: a }', 'not to /etc/kubernetes/manifests/a'],
    [
      'a: { hostPath: /etc/kubernetes/a/a, source: a, pathType: Directory }',
      'a source is a file, not a Directory',
    ],
    [
      'a: { hostPath: /etc/kubernetes/a/a, source: a }, b: { hostPath: /etc/kubernetes/a/a, mountPath: /b, source: b }',
      '/etc/kubernetes/a/a is written from a, too',
    ],
  ])('{ %s } is refused: %s', (text, what) => {
    const [line = '', ...more] = said(volumes(text))
    expect(more).toEqual([])
    expect(line).toContain(what)
    expect(line).toMatch(/^i\.yaml:\d+:\d+: .* → ./s)
  })

  it('may be seen at the same place by two components, and come from one file', () => {
    const one = '{ extraVolumes: { a: { hostPath: /etc/kubernetes/a/a, source: a } } }'
    expect(said(adding(`apiServer: ${one}\nscheduler: ${one}`))).toEqual([])
  })

  it('have a source beside the inventory, which is a file that is only read', () => {
    const { apiServer, scheduler } = decode(
      volumes('z: { hostPath: /srv/z }, a: { hostPath: /etc/kubernetes/a/a, mountPath: /a, source: a.yaml }'),
    )
    const whole = { readOnly: true, pathType: 'File', source: expect.stringMatching(/^\/.*\/a\.yaml$/) }
    expect(apiServer.extraVolumes).toEqual([
      { name: 'a', hostPath: '/etc/kubernetes/a/a', mountPath: '/a', ...whole },
      {
        name: 'z',
        hostPath: '/srv/z',
        mountPath: '/srv/z',
        readOnly: false,
        pathType: '',
        source: undefined,
      },
    ])
    expect(scheduler.extraVolumes).toEqual([])
  })
})
