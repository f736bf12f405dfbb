import { parse } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { redact, Secret } from '../../../src/lib/secret.js'
import { hostsFiles } from '../../../src/runtimes/containerd/hosts-toml.js'
import { majorOf } from '../../../src/runtimes/containerd/version.js'
import type { Registry, RegistryServer } from '../../../src/runtimes/registry.js'

const own: Registry['own'] = { ca: undefined, skipVerify: false, auth: undefined }
const mirror = (url: string, over: Partial<RegistryServer> = {}): RegistryServer => ({ ...own, url, ...over })
const registry = (over: Partial<Registry> = {}): Registry => ({
  name: 'docker.io',
  mirrors: [mirror('https://m1.example')],
  fallback: true,
  own,
  ...over,
})
const textOf = (one: Registry): string => {
  const { hosts } = hostsFiles(one)
  return hosts instanceof Secret ? hosts.reveal() : hosts
}
const both = ['pull', 'resolve']

describe('hosts.toml of containerd', () => {
  test('asks mirrors in order, then the registry itself', () => {
    const text = textOf(registry({ mirrors: [mirror('https://m1.example'), mirror('http://10.0.0.1:5000')] }))
    expect(parse(text)).toEqual({
      host: {
        'https://m1.example': { capabilities: both },
        'http://10.0.0.1:5000': { capabilities: both },
      },
    })
    expect(text.indexOf('m1.example')).toBeLessThan(text.indexOf('10.0.0.1'))
  })

  test('asks the last mirror last where the registry itself must not be asked', () => {
    const mirrors = [mirror('https://m1.example'), mirror('https://m2.example', { ca: 'PEM\n' })]
    expect(parse(textOf(registry({ mirrors, fallback: false })))).toEqual({
      server: 'https://m2.example',
      capabilities: both,
      ca: '/etc/containerd/certs.d/docker.io/server.crt',
      host: { 'https://m1.example': { capabilities: both } },
    })
  })

  test('has the table of hosts also where no other server is asked: containerd 1.6 reads no file without', () => {
    expect(parse(textOf(registry({ fallback: false })))).toEqual({
      server: 'https://m1.example',
      capabilities: both,
      host: {},
    })
    expect(parse(textOf(registry({ mirrors: [], own: { ...own, skipVerify: true } })))).toEqual({
      skip_verify: true,
      host: {},
    })
  })

  test('takes a path below /v2 as it is, and any other as one to put /v2 behind', () => {
    const [proxy, path] = ['https://h.example/v2/proxy', 'https://h.example/proxy']
    expect(parse(textOf(registry({ mirrors: [mirror(proxy), mirror(path)] }))).host).toEqual({
      [proxy]: { capabilities: both, override_path: true },
      [path]: { capabilities: both },
    })
  })

  test('names authorities that lie beside it, and leaves certificates unseen where told to', () => {
    const made = hostsFiles(
      registry({
        name: 'r.example:5000',
        own: { ...own, ca: 'OWN\n' },
        mirrors: [mirror('https://a', { ca: 'ONE\n' }), mirror('https://b', { skipVerify: true })],
      }),
    )
    const directory = '/etc/containerd/certs.d/r.example:5000'
    expect([...made.authorities]).toEqual([
      [`${directory}/server.crt`, 'OWN\n'],
      [`${directory}/mirror-1.crt`, 'ONE\n'],
    ])
    expect(parse(String(made.hosts))).toEqual({
      ca: `${directory}/server.crt`,
      host: {
        'https://a': { capabilities: both, ca: `${directory}/mirror-1.crt` },
        'https://b': { capabilities: both, skip_verify: true },
      },
    })
  })

  test('carries a login as a header, and is a secret then, in every form', () => {
    const auth = { username: 'robot', password: new Secret('correct horse') }
    const one = registry({ mirrors: [mirror('https://m1.example', { auth })], own: { ...own, auth } })
    expect(hostsFiles(one).hosts).toBeInstanceOf(Secret)
    const header = { Authorization: `Basic ${Buffer.from('robot:correct horse').toString('base64')}` }
    expect(parse(textOf(one))).toEqual({
      header,
      host: { 'https://m1.example': { capabilities: both, header } },
    })
    expect(redact(`error: ${header.Authorization}`)).toBe('error: Basic [redacted]')
  })

  test('of every other registry lies in the directory containerd has for that', () => {
    const { authorities } = hostsFiles(
      registry({ name: '*', mirrors: [mirror('https://m', { ca: 'PEM\n' })] }),
    )
    expect([...authorities.keys()]).toEqual(['/etc/containerd/certs.d/_default/mirror-1.crt'])
  })
})

test.each([
  ['containerd github.com/containerd/containerd 1.6.20~ds1 1.6.20~ds1-1+deb12u3', 1],
  ['containerd containerd.io v1.7.24 88bf19b2105c8b17560993bee28a01ddc2f97182', 1],
  ['containerd github.com/containerd/containerd/v2 2.1.9+unknown ', 2],
  ['1.6.20~ds1-1+deb12u3', 1],
  ['', undefined],
])('the version of containerd is read from "%s"', (said, major) => {
  expect(majorOf(said)).toBe(major)
})
