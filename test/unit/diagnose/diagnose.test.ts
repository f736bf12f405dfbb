import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { areas } from '../../../src/diagnose/areas.js'
import { causes } from '../../../src/diagnose/catalogue.js'
import { diagnose, matching } from '../../../src/diagnose/diagnose.js'
import { fixtures } from './fixtures.js'

const healthy = fixtures.filter(({ cause }) => cause.startsWith('healthy'))
const broken = fixtures.filter(({ cause }) => !cause.startsWith('healthy'))
const general = causes.flatMap(({ id, general }) => (general ? [id] : []))

describe('the catalogue', () => {
  test.each(broken)('knows the cause of $file', ({ cause, text }) => {
    expect(diagnose(text)?.id).toBe(cause)
  })

  test.each(broken)('takes $file for nothing else', ({ cause, text }) => {
    expect(matching(text).filter((id) => id === cause || !general.includes(id))).toEqual([cause])
  })

  test.each(healthy)('finds nothing wrong in $file', ({ text }) => {
    expect(matching(text)).toEqual([])
  })

  test.each(causes)('has a captured fixture of $id, a cause and a next move', ({ id, cause, next }) => {
    expect(broken.some((fixture) => fixture.cause === id)).toBe(true)
    expect(cause.length).toBeGreaterThan(10)
    expect(next.length).toBeGreaterThan(20)
  })

  test('has a fixture for each pattern', () => {
    const unseen = causes.flatMap(({ id, patterns }) =>
      patterns
        .filter((one) => !broken.some(({ text }) => text.split('\n').some((line) => one.test(line))))
        .map((one) => `${id}: ${one}`),
    )
    expect(unseen).toEqual([])
  })

  test('has at least thirty causes, each with a code of its own and of an area', () => {
    expect(causes.length).toBeGreaterThanOrEqual(30)
    expect(new Set(causes.map(({ code }) => code)).size).toBe(causes.length)
    expect(new Set(causes.map(({ id }) => id)).size).toBe(causes.length)
    for (const { code } of causes) {
      expect(code).toMatch(/^KS\d{4}$/)
      expect(areas).toHaveProperty(code.slice(2, 4))
    }
  })

  // a promise to scripts and search engines: a line may be added, and none changed or removed
  test('keeps the code of each cause', () => {
    const codes = causes.map(({ code, id }) => `${code} ${id}`).sort()
    expect(codes).toEqual(
      readFileSync(new URL('codes.txt', import.meta.url), 'utf8')
        .trim()
        .split('\n'),
    )
  })

  test.each(causes)('has a page of $code that says what, why and how to fix', ({ title, what, why, fix }) => {
    for (const text of [title, what, why, ...fix]) expect(text).not.toMatch(/\{\d\}|^\s|\s$/)
    expect(title).not.toMatch(/\.$/)
    expect(fix.length).toBeGreaterThan(0)
  })

  test('has what is general at its end', () => {
    expect(causes.slice(-general.length).map(({ id }) => id)).toEqual(general)
  })
})

describe('a diagnosis', () => {
  const of = (file: string) => diagnose(fixtures.find((one) => one.file === file)?.text ?? '')

  test('names the port, the image and the name that the words name', () => {
    expect(of('port-taken.api-server.txt')?.cause).toBe('port 6443 is in use by another program')
    expect(of('image-missing.pause.txt')?.cause).toContain('image k8s.gcr.io/pause:3.2 ')
    expect(of('certificate-name.worker.txt')?.next).toContain('add api.lab.internal to')
    expect(of('certificate-name.node-tls.txt')?.next).toContain('add api.lab.internal to')
  })

  test('names the flag that nobody knows', () => {
    for (const file of ['unknown-flag.kubelet.txt', 'unknown-flag.scheduler.txt'])
      expect(of(file)?.cause).toBe('--no-such-flag is no flag of this version')
  })

  test('shows the line it was read from', () => {
    expect(of('disk-full.kubelet.txt')?.line).toContain('kubelet.crt: no space left on device')
  })

  test('leaves no place unfilled', () => {
    for (const { text } of broken) {
      const { cause, next } = diagnose(text) ?? { cause: '{0}', next: '' }
      expect(`${cause} ${next}`).not.toMatch(/\{\d\}/)
      expect(cause).not.toMatch(/ {2}/)
    }
  })

  test('names the more exact of two causes, wherever it stands', () => {
    const pull = 'pull image registry.k8s.io/etcd:3.6.8-0: failed with exit code 1'
    const limit = 'toomanyrequests: You have reached your pull rate limit.'
    expect(diagnose(`${pull}\n${limit}`)?.code).toBe('KS0302')
    expect(diagnose(`${limit}\n${pull}`)?.code).toBe('KS0302')
    expect(diagnose(pull)?.code).toBe('KS0301')
  })

  test.each([
    [
      'a limit of watches is no full disk',
      'inotify_add_watch /sys/fs/cgroup/x: no space left on device',
      'KS0106',
    ],
    ['the alarm of etcd is no full disk', 'etcdserver: mvcc: database space exceeded', 'KS0501'],
    [
      'the authority of a registry is none of the cluster',
      'Get https://r.example/v2/: x509: certificate signed by unknown authority',
      'KS0305',
    ],
  ])('%s', (_, said, code) => {
    expect(matching(said).map((id) => causes.find((cause) => cause.id === id)?.code)).toEqual([code])
  })

  test.each([
    'etcdserver: request timed out',
    'E1121 12:31:54.115521   29378 kubelet_node_status.go:93] Unable to register node "cp1" with API server: EOF',
    'mkdir: cannot create directory: Permission denied',
    'connect ECONNREFUSED 10.0.0.11:6443',
    'Reading package lists... Done',
    'the kubelet pulls images from a registry, with x509 certificates, and the disk is fine',
  ])('is none for "%s"', (said) => {
    expect(matching(said)).toEqual([])
  })

  test('never throws, and quotes a line of what was said, whatever was said', () => {
    const lines = fixtures.flatMap(({ text }) => text.split('\n'))
    const piece = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.constantFrom(...lines))
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const said = pieces.join('\n')
        const found = diagnose(said)
        if (found === undefined) expect(matching(said)).toEqual([])
        else {
          expect(said).toContain(found.line)
          expect(matching(said)[0]).toBe(found.id)
        }
      }),
      { numRuns: 300 },
    )
  })

  test('takes no long on a long line', () => {
    for (const { text } of broken) {
      const began = performance.now()
      diagnose(text.replaceAll('\n', ' ').repeat(50).slice(0, 200_000))
      expect(performance.now() - began).toBeLessThan(2_000)
    }
  })

  test('is none for words nobody knows', () => {
    expect(diagnose('mkdir: cannot create directory: Permission denied')).toBeUndefined()
    expect(diagnose('')).toBeUndefined()
  })
})
