import { describe, expect, test } from 'vitest'
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

  test('is none for words nobody knows', () => {
    expect(diagnose('mkdir: cannot create directory: Permission denied')).toBeUndefined()
    expect(diagnose('')).toBeUndefined()
  })
})
