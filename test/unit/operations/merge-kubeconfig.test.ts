import fc from 'fast-check'
import { CORE_SCHEMA, dump, load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { type Administrator, administratorOf } from '../../../src/operations/admin-kubeconfig.js'
import { mergeKubeconfig } from '../../../src/operations/merge-kubeconfig.js'
import { buildKubeconfig } from '../../../src/pki/kubeconfig.js'
import { administrator, authorities } from '../../support/administrator.js'

const own: Administrator = { server: { url: 'https://a:6443' }, ...administrator() }
const other: Administrator = { server: { url: 'https://b:6443' }, ...administrator(authorities[1]) }
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const decode = (text: string) => load(text, { schema: CORE_SCHEMA }) as Config
const merged = (existing: string, more = own, name = 'prod'): Config =>
  decode(mergeKubeconfig(existing, more, name))

interface Config extends Record<string, unknown> {
  clusters: { name: string; cluster: Record<string, unknown> }[]
  users: { name: string; user: Record<string, unknown> }[]
  contexts: { name: string; context: Record<string, unknown> }[]
}

describe('adding a cluster to a kubeconfig', () => {
  test('makes one where there is none', () => {
    expect(merged('')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'prod', cluster: { 'certificate-authority-data': base64(own.ca), server: 'https://a:6443' } },
      ],
      contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'prod-admin' } }],
      users: [
        {
          name: 'prod-admin',
          user: {
            'client-certificate-data': base64(own.cert),
            'client-key-data': base64(own.key.reveal()),
          },
        },
      ],
      'current-context': 'prod',
    })
  })

  test('knows its cluster by a CA in common while one is rotated', () => {
    const before = mergeKubeconfig('', own, 'prod')
    const both = { ...own, ca: `${other.ca}${own.ca}` }
    expect(merged(before, both).clusters[0]?.cluster['certificate-authority-data']).toBe(base64(both.ca))
    expect(() => merged(before, { ...own, ca: other.ca })).toThrow('has another cluster called prod')
  })

  test('renews its own entries in their place, and keeps what the user added to them', () => {
    const first = merged(mergeKubeconfig(mergeKubeconfig('', own, 'prod'), other, 'second'))
    Object.assign(first.clusters[0]?.cluster ?? {}, { 'proxy-url': 'socks5://127.0.0.1:1080' })
    Object.assign(first.contexts[0]?.context ?? {}, { namespace: 'dev' })
    Object.assign(first.users[0] ?? {}, { note: 'mine' })
    const renewed = { ...own, server: { url: 'https://new:6443' }, ...administrator() }
    const after = merged(dump(first), renewed)
    expect(after.clusters.map(({ name }) => name)).toEqual(['prod', 'second'])
    expect(after.clusters[0]?.cluster).toMatchObject({
      'proxy-url': 'socks5://127.0.0.1:1080',
      server: 'https://new:6443',
    })
    expect(after.contexts[0]?.context).toEqual({ cluster: 'prod', user: 'prod-admin', namespace: 'dev' })
    expect(after.users[0]).toMatchObject({ note: 'mine' })
    expect(after.users[0]?.user['client-certificate-data']).toBe(base64(renewed.cert))
    expect(after.clusters[1]).toEqual(first.clusters[1])
  })

  test('drops a name to check the server for with the server it was for', () => {
    const tunnel = { ...own, server: { url: 'https://127.0.0.1:6443', tlsServerName: 'a' } }
    const first = mergeKubeconfig('', tunnel, 'prod')
    expect(merged(first, tunnel).clusters[0]?.cluster).toMatchObject({ 'tls-server-name': 'a' })
    expect(merged(first).clusters[0]?.cluster).not.toHaveProperty('tls-server-name')
  })

  const there = merged('')
  const changed = (change: (config: Config) => void): string => {
    const copy = structuredClone(there)
    change(copy)
    return dump(copy, { noRefs: true })
  }
  const set = (entry: Record<string, unknown> | undefined, fields: object) =>
    Object.assign(entry ?? {}, fields)

  test.each<[string, (config: Config) => void, string]>([
    [
      'another cluster',
      (c) => set(c.clusters[0]?.cluster, { 'certificate-authority-data': base64(other.ca) }),
      'another cluster called prod',
    ],
    [
      "another cluster's user",
      (c) => set(c.users[0]?.user, { 'client-certificate-data': base64(other.cert) }),
      "another cluster's user called prod-admin",
    ],
    [
      'a user with a program',
      (c) => set(c.users[0]?.user, { exec: { command: 'aws' } }),
      'has exec in the user',
    ],
    ['a user with a token', (c) => set(c.users[0], { user: { token: 'S3cret' } }), 'has token in the user'],
    [
      'a context of another cluster',
      (c) => set(c.contexts[0]?.context, { cluster: 'x' }),
      'another context called',
    ],
    [
      'a context of another user',
      (c) => set(c.contexts[0]?.context, { user: 'me' }),
      'another context called prod',
    ],
    [
      'a cluster that is not checked',
      (c) => set(c.clusters[0]?.cluster, { 'insecure-skip-tls-verify': true }),
      'insecure-skip-tls-verify in the cluster prod',
    ],
    [
      'two of a name',
      (c) => c.clusters.push(structuredClone(c.clusters[0] as never)),
      '2 clusters called prod',
    ],
    [
      'an entry that is none',
      (c) => c.users.push('me' as never),
      'something else than a user with a name at users[1]',
    ],
    [
      'a long number',
      (c) => set(c, { extensions: [{ n: 12345678901234567890n.toString() }] }),
      'has a number',
    ],
  ])('takes the place of nothing: %s', (_, change, words) => {
    const text = changed(change).replace("'12345678901234567890'", '12345678901234567890')
    expect(() => merged(text)).toThrowError(words)
    expect(() => merged(text)).toThrowError(UserError)
    expect(() => merged(text)).not.toThrowError('S3cret')
  })

  test.each([
    ['a: [', 'not YAML'],
    ['- 1', 'is not a kubeconfig'],
    ['clusters: 3', 'is not a kubeconfig'],
    ['a: &a 1\nb: *a', 'YAML anchors'],
  ])('refuses %j, without quoting it', (text, words) => {
    expect(() => merged(text)).toThrowError(words)
    expect(() => merged(text)).toThrowError(UserError)
  })

  test('leaves every other entry, field and value as it was, and is done after once', () => {
    const name = fc
      .string({ minLength: 1 })
      .filter((text) => !['prod', 'prod-admin', '__proto__'].includes(text))
    const value = fc.oneof(
      fc.string(),
      fc.integer(),
      fc.boolean(),
      fc.constant('2026-01-01'),
      fc.constant('1e3'),
    )
    const entry = (kind: string) =>
      fc.record({ name, [kind]: fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), value) })
    const list = (kind: string) => fc.uniqueArray(entry(kind), { selector: (one) => one.name, maxLength: 4 })
    const config = fc.record({
      clusters: list('cluster'),
      users: list('user'),
      contexts: list('context'),
      preferences: fc.dictionary(fc.stringMatching(/^[a-z]{1,8}$/), value),
      'current-context': name,
    })
    fc.assert(
      fc.property(config, (existing) => {
        const text = dump(existing, { noRefs: true })
        const once = mergeKubeconfig(text, own, 'prod')
        expect(mergeKubeconfig(once, own, 'prod')).toBe(once)
        const after = decode(once)
        for (const kind of ['clusters', 'users', 'contexts'] as const)
          expect(after[kind].slice(0, -1)).toEqual(existing[kind])
        expect(after.preferences).toEqual(existing.preferences)
      }),
      { numRuns: 20 },
    )
  })
})

describe("a control plane's admin.conf", () => {
  const conf = buildKubeconfig({
    clusterName: 'kubernetes',
    server: 'https://evil.example.com:6443',
    ca: own.ca,
    user: 'kubernetes-admin',
    certificate: own.cert,
    key: own.key,
  }).reveal()

  test('does not say where kubectl goes: the inventory does', () => {
    const text = mergeKubeconfig('', administratorOf(conf, 'cp1', own.server), 'prod')
    expect(text).not.toContain('evil')
    expect(text).toContain('server: https://a:6443')
  })

  test('that would run a program is refused by the machine’s name', () => {
    const planted = conf.replace('  user:\n', '  user:\n    exec: {command: /bin/sh}\n')
    expect(() => administratorOf(planted, 'cp1', own.server)).toThrowError(
      expect.objectContaining({ kind: 'step', host: 'cp1', why: expect.stringContaining('user.exec') }),
    )
  })
})
