import { expect, test } from 'vitest'
import { decodeInventory } from '../../../src/inventory/decode.js'
import { InventoryError } from '../../../src/inventory/problem.js'
import { atOnceMs, processorTime } from '../../support/processor-time.js'
import { known } from './support.js'

const base = `kubernetes: { version: "1.20.2" }
binaries: { bundle: bundle }
ssh: { user: ops, port: 2222 }
`
const hosts = `hosts:
  cp1: { address: 192.0.2.1, roles: [control-plane] }
`

function decode(text: string, files: Record<string, string> = {}) {
  return decodeInventory(text, {
    file: '/etc/ks/i.yaml',
    label: 'ks/i.yaml',
    home: '/home/me',
    known,
    readFile: (path) => {
      const found = files[path]
      if (found === undefined) throw new Error(`ENOENT: no such file or directory, open '${path}'`)
      return found
    },
  })
}

/** What is wrong, a line each. */
function problems(text: string, files: Record<string, string> = {}): string[] {
  try {
    decode(text, files)
  } catch (error) {
    if (error instanceof InventoryError) return error.problems.map(({ at, what }) => `${at}: ${what}`)
    throw error
  }
  return []
}

test('several documents are one inventory; the later one wins, key by key', () => {
  const spec = decode(`${base}---\n${hosts}---\nssh: { user: root }\n`)
  expect(spec.hosts[0]?.ssh).toMatchObject({ user: 'root', port: 2222 })
})

test('what is included comes first, its own includes before it', () => {
  const spec = decode(`include: [common/a.yaml]\n${hosts}ssh: { user: me }\n`, {
    '/etc/ks/common/a.yaml': 'include: [../b.yaml]\nssh: { user: a, port: 1 }\n',
    '/etc/ks/b.yaml': `${base}kubelet: { config: { maxPods: 50 } }\n`,
  })
  expect(spec.hosts[0]?.ssh).toMatchObject({ user: 'me', port: 1 })
  expect(spec.kubelet.config).toEqual({ maxPods: 50 })
})

test('a host of one file gets labels in another', () => {
  const spec = decode(`include: [b.yaml]\nhosts: { cp1: { labels: { rack: "1" } } }\n`, {
    '/etc/ks/b.yaml': base + hosts,
  })
  expect(spec.hosts).toMatchObject([{ name: 'cp1', address: '192.0.2.1', labels: { rack: '1' } }])
})

test('every problem is named with its own file', () => {
  expect(
    problems(`include: [b.yaml]\n${hosts}---\nhosts: { w1: { address: nowhere, roles: [worker] } }\n`, {
      '/etc/ks/b.yaml': 'kubernetes: { version: 1.20 }\nbinaries: { bundel: b }\n',
    }),
  ).toEqual([
    'ks/b.yaml:1:24: kubernetes.version is the number 1.20, not a string',
    'ks/b.yaml:2:11: binaries.bundle is missing',
    'ks/b.yaml:2:13: unknown key bundel',
    'ks/i.yaml:5:25: "nowhere" is not an IP address',
  ])
})

test('where a value was said is told with its file', () => {
  const spec = decode(`include: [b.yaml]\n${base}`, { '/etc/ks/b.yaml': hosts })
  expect(spec.hosts[0]?.origins).toMatchObject({
    address: 'the host (ks/b.yaml:2:10)',
    'ssh.user': 'ssh (ks/i.yaml:4:8)',
  })
})

test.each([
  ['a file that is not there', 'include: [b.yaml]\n', {}, /^ks\/i\.yaml:1:11: cannot read b\.yaml: ENOENT/],
  [
    'a file that is no YAML',
    'include: [b.yaml]\n',
    { '/etc/ks/b.yaml': 'a: 1\nb: [\n' },
    /^ks\/b\.yaml:\d:\d+: not YAML/,
  ],
  [
    'files that include each other',
    'include: [b.yaml]\n',
    { '/etc/ks/b.yaml': 'include: [i.yaml]\n' },
    /^ks\/b\.yaml:1:11: i\.yaml includes this file/,
  ],
  ['a file that includes itself', 'include: [i.yaml]\n', {}, /^ks\/i\.yaml:1:11: i\.yaml includes this file/],
  ['no list', `include: b.yaml\n${base}${hosts}`, {}, /^ks\/i\.yaml:1:10: include is .*b\.yaml/],
])('%s', (_, text, files, expected) => {
  expect(problems(text, files)).toEqual([expect.stringMatching(expected)])
})

/** Twice included by every file of a level, fifteen levels: 32,767 files for who does not remember. */
const doubling = Object.fromEntries(
  Array.from({ length: 15 }, (_, i) => [
    `/etc/ks/l${i}.yaml`,
    i === 14 ? base : `include: [l${i + 1}.yaml, ./l${i + 1}.yaml]\n`,
  ]),
)

test('a file that is included several times is read once', () => {
  let reads = 0
  const spec = decodeInventory(`include: [l0.yaml, ./l0.yaml]\n${hosts}`, {
    file: '/etc/ks/i.yaml',
    label: 'ks/i.yaml',
    home: '/home/me',
    known,
    readFile: (path) => {
      reads += 1
      return doubling[path] ?? ''
    },
  })
  expect(spec.hosts).toHaveLength(1)
  expect(reads).toBe(15)
})

test('what two files include comes before both: each wins over what it includes', () => {
  const spec = decode(`include: [b.yaml, c.yaml]\n${base}${hosts}`, {
    '/etc/ks/a.yaml': 'kubelet: { config: { maxPods: 1, podsPerCore: 1 } }\n',
    '/etc/ks/b.yaml': 'include: [a.yaml]\nkubelet: { config: { maxPods: 2 } }\n',
    '/etc/ks/c.yaml': 'include: [a.yaml]\n',
  })
  expect(spec.kubelet.config).toEqual({ maxPods: 2, podsPerCore: 1 })
})

test('an inventory of more files than anybody keeps is refused at the include that is too many', () => {
  const many = Array.from({ length: 250 }, (_, i) => `f${i}.yaml`)
  const files = Object.fromEntries(many.map((name) => [`/etc/ks/${name}`, '{}\n']))
  const text = `include: [${many.join(', ')}]\n${base}${hosts}`
  expect(problems(text, files)).toEqual([
    `ks/i.yaml:1:${text.indexOf('f199') + 1}: this is file number 201 of the inventory`,
  ])
})

test.each([
  ['a file that is too large', '#'.repeat(1024 * 1024 + 1), {}, 'ks/i.yaml is larger than 1 MiB'],
  [
    'files that are too large together',
    'include: [a, b, c, d, e]\n',
    Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((one) => [`/etc/ks/${one}`, '#'.repeat(1024 * 1024)])),
    'ks/d is larger than 4 MiB',
  ],
  ['too many documents', 'a: 1\n---\n'.repeat(100_000), {}, 'ks/i.yaml has more than 400 YAML documents'],
])('%s is refused at once', (_, text, files, message) => {
  const used = processorTime()
  expect(() => decode(text, files)).toThrow(message)
  expect(used()).toBeLessThan(atOnceMs)
})

test('what is YAML and too large is not called a fault of indentation', () => {
  const list = (name: string): string => `[${Array(10).fill(`*${name}`).join(', ')}]`
  const bomb = ['a', 'b', 'c', 'd', 'e', 'f'].map(
    (name, i, all) => `${name}: &${name} ${i === 0 ? '[x]' : list(all[i - 1] ?? '')}\n`,
  )
  try {
    decode(bomb.join(''))
    expect.unreachable()
  } catch (error) {
    if (!(error instanceof InventoryError)) throw error
    const [{ what, write } = { what: '', write: '' }] = error.problems
    expect(what).toMatch(/^with its aliases written out this has more than/)
    expect(write).toBe('remove it, or write less of it; check that it is the right file')
  }
})
