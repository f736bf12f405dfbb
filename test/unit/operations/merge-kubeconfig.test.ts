import fc from 'fast-check'
import { CORE_SCHEMA, dump, load } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { mergeKubeconfig } from '../../../src/operations/merge-kubeconfig.js'

const added = (ca = 'Q0E='): string =>
  dump({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      { name: 'kubernetes', cluster: { 'certificate-authority-data': ca, server: 'https://a:6443' } },
    ],
    contexts: [
      { name: 'kubernetes-admin@kubernetes', context: { cluster: 'kubernetes', user: 'kubernetes-admin' } },
    ],
    'current-context': 'kubernetes-admin@kubernetes',
    users: [{ name: 'kubernetes-admin', user: { 'client-key-data': 'a2V5' } }],
  })
const merged = (existing: string, more = added(), name = 'prod'): Record<string, unknown> =>
  load(mergeKubeconfig(existing, more, name), { schema: CORE_SCHEMA }) as Record<string, unknown>

describe('adding a cluster to a kubeconfig', () => {
  test('makes one where there is none', () => {
    expect(merged('')).toEqual({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [
        { name: 'prod', cluster: { 'certificate-authority-data': 'Q0E=', server: 'https://a:6443' } },
      ],
      contexts: [{ name: 'prod', context: { cluster: 'prod', user: 'prod-admin' } }],
      users: [{ name: 'prod-admin', user: { 'client-key-data': 'a2V5' } }],
      'current-context': 'prod',
    })
  })

  test('renews its own entries, and a context keeps its namespace', () => {
    const first = merged('')
    Object.assign(first, {
      contexts: [{ name: 'prod', context: { cluster: 'x', user: 'y', namespace: 'dev' } }],
    })
    expect(merged(dump(first)).contexts).toEqual([
      { name: 'prod', context: { cluster: 'prod', user: 'prod-admin', namespace: 'dev' } },
    ])
  })

  test('refuses to take the place of another cluster', () => {
    expect(() => merged(mergeKubeconfig('', added('T1RIRVI='), 'prod'))).toThrowError(
      'another cluster called prod',
    )
  })

  test.each([
    ['a: [', 'not YAML'],
    ['- 1', 'does not look like'],
    ['clusters: 3', 'does not look like'],
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
        const once = mergeKubeconfig(text, added(), 'prod')
        expect(mergeKubeconfig(once, added(), 'prod')).toBe(once)
        const after = load(once, { schema: CORE_SCHEMA }) as typeof existing
        for (const kind of ['clusters', 'users', 'contexts'] as const)
          expect(after[kind].slice(0, -1)).toEqual(existing[kind])
        expect(after.preferences).toEqual(existing.preferences)
      }),
    )
  })
})
