import fc from 'fast-check'
import { dump } from 'js-yaml'
import { describe, expect, test } from 'vitest'
import { decode, said } from './support.js'

const inventory = (more: object, w1: object = {}): string =>
  dump({
    kubernetes: { version: '1.20.2' },
    binaries: { bundle: 'b' },
    ...more,
    hosts: {
      cp1: { address: '192.0.2.11', roles: ['control-plane'] },
      w1: { address: '192.0.2.21', ...w1 },
    },
  })
const w1Of = (more: object, w1: object = {}) => decode(inventory(more, w1)).hosts[1]

describe('settings that hosts share', () => {
  test('come from defaults, then groups in their order, then the host: the last wins', () => {
    const host = w1Of(
      {
        defaults: { labels: { a: 'defaults', b: 'defaults', c: 'defaults', d: 'defaults' } },
        groups: {
          one: { labels: { b: 'one', c: 'one', d: 'one' }, roles: ['worker'] },
          two: { labels: { c: 'two', d: 'two' } },
        },
      },
      { groups: ['one', 'two'], labels: { d: 'host' } },
    )
    expect(host?.labels).toEqual({ a: 'defaults', b: 'one', c: 'two', d: 'host' })
    expect(host?.roles).toEqual(['worker'])
  })

  test('come through groups of groups, the nearer winning', () => {
    const groups = {
      all: {
        ssh: { user: 'ops', port: 22 },
        kubelet: { config: { maxPods: 50, systemReserved: { cpu: '1', memory: '1' } } },
      },
      gpu: { groups: ['all'], ssh: { port: 2222 }, kubelet: { config: { systemReserved: { memory: '2' } } } },
    }
    const host = w1Of({ groups }, { groups: ['gpu'], roles: ['worker'] })
    expect(host?.ssh).toMatchObject({ user: 'ops', port: 2222 })
    expect(host?.kubeletConfig).toEqual({ maxPods: 50, systemReserved: { cpu: '1', memory: '2' } })
  })

  test('replace lists as a whole', () => {
    const more = { defaults: { taints: ['a:NoSchedule', 'b:NoSchedule'] } }
    expect(w1Of(more, { roles: ['worker'], taints: ['c:NoExecute'] })?.taints).toEqual([
      { key: 'c', value: '', effect: 'NoExecute' },
    ])
  })

  test('are told with the place each was said at', () => {
    const host = w1Of(
      { ssh: { user: 'root' }, groups: { gpu: { labels: { x: '1' }, ssh: { port: 2222 } } } },
      { groups: ['gpu'], roles: ['worker'], labels: { y: '2' } },
    )
    expect(host?.origins).toMatchObject({
      'ssh.user': expect.stringMatching(/^ssh \(i\.yaml:\d+:\d+\)$/),
      'ssh.port': expect.stringMatching(/^groups\.gpu \(i\.yaml:\d+:\d+\)$/),
      'labels.x': expect.stringMatching(/^groups\.gpu /),
      'labels.y': expect.stringMatching(/^the host /),
    })
    expect(host?.origins['ssh.knownHosts']).toBeUndefined()
  })

  test.each([
    [
      'a group that is not there',
      { groups: { gpu: {} } },
      { groups: ['gpus'], roles: ['worker'] },
      'did you mean gpu?',
    ],
    [
      'groups in a circle',
      { groups: { a: { groups: ['b'] }, b: { groups: ['a'] } } },
      { groups: ['a'], roles: ['worker'] },
      'contains itself',
    ],
    ['nobody giving a role', { groups: { a: {} } }, { groups: ['a'] }, 'w1 has no roles'],
    [
      'a taint of a group',
      { groups: { a: { taints: ['x'] } } },
      { groups: ['a'], roles: ['worker'] },
      '"x" is not a taint',
    ],
    ['a label of all', { defaults: { labels: { '-': 'x' } } }, { roles: ['worker'] }, 'label -=x'],
    [
      'a flag with dashes',
      { groups: { a: { kubelet: { extraArgs: { '--v': '1' } } } } },
      { roles: ['worker'] },
      '"--v" is not the name of a flag → v',
    ],
  ])('%s is a problem', (_what, more, w1, words) => {
    expect(said(inventory(more, w1)).join('\n')).toContain(words)
  })

  test('any graph of groups is decoded or refused, never endless', () => {
    const name = fc.constantFrom('a', 'b', 'c', 'd', 'e')
    const groups = fc.dictionary(name, fc.record({ groups: fc.array(name, { maxLength: 4 }) }))
    fc.assert(
      fc.property(groups, fc.array(name), (graph, of) => {
        const text = inventory({ groups: graph }, { groups: of, roles: ['worker'] })
        const problems = said(text)
        if (problems.length === 0) expect(decode(text).hosts[1]?.roles).toEqual(['worker'])
        else for (const problem of problems) expect(problem).toMatch(/unknown group|contains itself/)
      }),
    )
  })
})
