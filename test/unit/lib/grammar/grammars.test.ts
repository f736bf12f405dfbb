import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isDnsName, isLoopbackName } from '../../../../src/lib/grammar/dns-name.js'
import type { Grammar } from '../../../../src/lib/grammar/grammar.js'
import { hostFile, ownDirectory } from '../../../../src/lib/grammar/host-path.js'
import { imageReference, imageRepository, imageTag, registryName } from '../../../../src/lib/grammar/image.js'
import { clusterName, flagName, groupName, interfaceName, sha256 } from '../../../../src/lib/grammar/names.js'
import { sshHost, sshUser } from '../../../../src/lib/grammar/ssh-names.js'

const hex = '0123456789abcdef'.repeat(4)

/** Of each grammar what it accepts, and what it does not. */
const table: Readonly<Record<string, [Grammar, good: readonly string[], bad: readonly string[]]>> = {
  ownDirectory: [
    ownDirectory,
    [
      '/var/lib/etcd',
      '/var/lib/etcd/',
      '/data',
      '/mnt/disk-1/etcd',
      '/srv/e',
      '/opt/etcd_3.5/data',
      '/home/ops/etcd',
      '/usr/local/etcd',
      '/var/lib/kubelet2',
      '/etcd',
    ],
    [
      '/',
      '/etc',
      '/etc/',
      '/etc/etcd',
      '/var/lib',
      '/var/lib/',
      '/var/log/etcd',
      '/home',
      '/home/ops',
      '/root',
      '/usr/lib/x',
      '/usr/local',
      '/usr/local/lib/x',
      '/tmp/etcd',
      '/run/e',
      '/proc/1',
      '/dev/shm/etcd',
      '/var/lib/kubelet',
      '/var/lib/docker/etcd',
      '/var/run/etcd',
      'var/lib/etcd',
      '',
      '~/etcd',
      '/var/lib/../etc',
      '/var/lib/etcd/..',
      '/var//lib/etcd',
      '/var/./etcd',
      '/var/lib/et cd',
      '/var/lib/$x',
      '/var/lib/%i',
      '/var/lib/etcd\n/x',
      '/var/lib/etcd//',
      '/a:b',
      '/a,b',
      `/${'a'.repeat(256)}`,
    ],
  ],
  hostFile: [
    hostFile,
    ['/etc/kubernetes/pki/etcd/ca.crt', '/a'],
    ['ca.crt', '/etc/', '/etc/../x', '/', '', '/a b', "/a'b"],
  ],
  imageReference: [
    imageReference,
    [
      'x',
      'busybox:1.36',
      'docker.io/library/busybox',
      'registry.example.com:5000/a/b-c__d:V1.0_x',
      '10.0.0.5:5000/a',
      'localhost/a',
      `a/b:1@sha256:${hex}`,
      `a@sha256:${hex}`,
      'registry.k8s.io/e2e-test-images/busybox:1.29-4',
    ],
    [
      '',
      ':1',
      'a:',
      'A/b',
      'a//b',
      '/a',
      'a/',
      'https://a/b',
      'a b',
      'a:1:2',
      'a@sha256:12',
      `a@${hex}`,
      `a@sha256:${hex}@sha256:${hex}`,
      'a\nfile /etc',
      'a..b',
      'reg.example.com:99999/a',
      '../a',
      'a/../b',
      `a:${'t'.repeat(129)}`,
      'a:-1',
      'a.b-/c',
      '-a',
    ],
  ],
  imageRepository: [
    imageRepository,
    ['k8s.gcr.io', 'registry.example.com:5000', 'registry.example.com:5000/k8s', 'mirror/k8s', 'me'],
    ['', 'https://k8s.gcr.io', 'k8s.gcr.io/', 'k8s.gcr.io/x:1', 'K8S', '..', 'a b'],
  ],
  imageTag: [
    imageTag,
    ['3.4.23-0', 'v1.7.0', '_x', 'A'],
    ['', '-x', '.x', 'a:b', 'a b', 'a/b', 'a@b', 'x'.repeat(129)],
  ],
  registryName: [
    registryName,
    ['docker.io', 'registry.example.com:5000', '10.0.0.1', 'localhost:5000'],
    ['..', '.', '', 'a/b', 'a:0', 'a:99999', 'https://a', 'a..b', '-a', '10.0.0.', '*', 'a b', 'A'],
  ],
  interfaceName: [
    interfaceName,
    ['eth0', 'enp0s31f6', 'bond0.100', 'br-lan', 'wlan_0'],
    ['', '.', '..', 'a/b', 'a b', 'a:1', '-a', 'abcdefghijklmnop', 'eth0\n', 'eth0!'],
  ],
  flagName: [
    flagName,
    ['v', 'feature-gates', 'log_file', 'tls-sni-cert-key', 'logging.format'],
    ['', '--v', '-v', 'v=4', 'v 4', 'feature--gates', 'a-', 'V', 'é'],
  ],
  groupName: [
    groupName,
    ['batch', 'rack-1', 'Rack_2', 'two words', 'toString', '7'],
    ['', ' a', 'a,b', 'w*', 'a/b', 'a?', 'a'.repeat(64)],
  ],
  clusterName: [
    clusterName,
    ['kubernetes', 'prod', 'arn:aws:eks:eu:1:cluster/x', 'My cluster', 'ü'],
    ['', ' a', 'a ', 'a\nb', 'a\u202eb', 'a'.repeat(254)],
  ],
  sha256: [sha256, [hex, hex.toUpperCase()], ['', 'abc', `${hex}0`, 'g'.repeat(64)]],
  sshHost: [
    sshHost,
    ['a.example.com', '2001:db8::1', 'fe80::1%eth0', 'my_alias', '10.0.0.1'],
    [
      '',
      '-oProxyCommand=x',
      '$(touch x)',
      '`x`',
      'a;b',
      'a b',
      'a|b',
      "a'b",
      'a"b',
      'a\\b',
      'a&b',
      'a<b',
      'a(b)',
      'a{b}',
      'a\tb',
      'a\nb',
    ],
  ],
  sshUser: [
    sshUser,
    ['root', 'ops', 'DOMAIN\\ops', 'ops@example.com', 'first last', '$x'],
    ['', '-l', 'a;b', '`x`', "a'b", 'a"b', 'a -b', 'a\\', 'a|b', 'a(b', 'a\nb'],
  ],
}

describe.each(Object.entries(table))('%s', (_, [grammar, good, bad]) => {
  it.each(good)('accepts %j', (text) => expect(grammar.accepts(text)).toBe(true))
  it.each(bad)('does not accept %j', (text) => expect(grammar.accepts(text)).toBe(false))
})

/** Texts near those that are accepted, and any other. */
const near = (seeds: readonly string[]) =>
  fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .record({
        seed: fc.constantFrom(...seeds),
        at: fc.nat({ max: 40 }),
        cut: fc.nat({ max: 3 }),
        piece: fc.oneof(fc.string({ maxLength: 3 }), fc.constantFrom('..', '/', '\n', '$(', '%', ' -', '\\')),
      })
      .map(({ seed, at, cut, piece }) => seed.slice(0, at) + piece + seed.slice(at + cut)),
  )

describe('whatever text', () => {
  it.each(
    Object.entries(table).filter(
      ([name]) => !['sshHost', 'sshUser', 'clusterName', 'groupName'].includes(name),
    ),
  )('%s accepts, a shell, a unit and a list of lines take as one word', (_, [grammar, good]) => {
    fc.assert(
      fc.property(near(good), (text) => {
        if (grammar.accepts(text))
          expect(text).toMatch(/^[^\s'"`$\\;&<>|(){}!*?#~\p{Cc}-][^\s'"`$\\;&<>|(){}\p{Cc}]*$/u)
      }),
      { numRuns: 200 },
    )
  })

  it('ownDirectory accepts, stays where it is when it is resolved, and is below no directory of the system', () => {
    fc.assert(
      fc.property(near(table.ownDirectory?.[1] ?? []), (text) => {
        if (!ownDirectory.accepts(text)) return
        expect(new URL(`file://${text}`).pathname).toBe(text)
        expect(text).not.toMatch(
          /^\/(etc|bin|dev|proc|sys|run|tmp|boot)(\/|$)|^\/(var|var\/lib|home|usr|usr\/local)?\/?$/,
        )
      }),
      { numRuns: 300 },
    )
  })

  it('sshHost and sshUser accept, printf in a shell prints as it is, without a second command', () => {
    const texts = fc
      .sample(near([...(table.sshHost?.[1] ?? []), ...(table.sshUser?.[1] ?? [])]), { numRuns: 400, seed: 1 })
      .filter((text) => sshHost.accepts(text))
    expect(texts.length).toBeGreaterThan(50)
    const script = texts.map((text) => `printf '%s\\n' ${text.replaceAll(/[*?[\]!~#]/g, '_')}`).join('\n')
    const printed = execFileSync('/bin/sh', ['-fc', script]).toString().trimEnd().split('\n')
    expect(printed).toEqual(texts.map((text) => text.replaceAll(/[*?[\]!~#]/g, '_')))
  })
})

describe('names', () => {
  it.each(['localhost', 'a.localhost', 'localhost.localdomain', 'ip6-localhost'])(
    '%s is the loopback',
    (name) => expect(isLoopbackName(name)).toBe(true),
  )
  it.each(['localhost1', 'mylocalhost', 'localhost.example.com', 'a'])('%s is not', (name) =>
    expect(isLoopbackName(name)).toBe(false),
  )
  it('a DNS name is of labels of at most 63', () => {
    expect(isDnsName(`${'a'.repeat(63)}.b`)).toBe(true)
    expect(isDnsName(`${'a'.repeat(64)}.b`)).toBe(false)
  })
})
