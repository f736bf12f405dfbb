import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { openEtcdRelease } from '../../../src/bundle/etcd-release.js'

const scratch = mkdtempSync(join(tmpdir(), 'ks-release-'))
const digestOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** A release like etcd's own, of these files. Returns its path and digest. */
function release(name: string, files: Readonly<Record<string, string>>): { file: string; sha256: string } {
  const inside = join(scratch, name, 'etcd-v3.4.23-linux-amd64')
  mkdirSync(join(inside, 'Documentation'), { recursive: true })
  for (const [path, text] of Object.entries(files)) writeFileSync(join(inside, path), text, { mode: 0o755 })
  const file = join(scratch, `${name}.tar.gz`)
  execFileSync('tar', ['-czf', file, '-C', join(scratch, name), '.'])
  return { file, sha256: digestOf(readFileSync(file)) }
}

describe('a release of etcd', () => {
  afterAll(() => rmSync(scratch, { recursive: true }))
  const cache = join(scratch, 'cache')
  const whole = release('whole', {
    etcd: 'the server',
    etcdctl: 'the client',
    'README.md': 'x'.repeat(100_000),
  })

  test('gives its two programs, ready to travel, and is unpacked once', async () => {
    const programs = await openEtcdRelease(whole.file, whole.sha256, cache)
    expect(programs.map(({ name }) => name).sort()).toEqual(['etcd', 'etcdctl'])
    for (const { name, source, sha256, size } of programs) {
      const packed = readFileSync(source)
      const text = gunzipSync(packed)
      expect(text.toString()).toBe(name === 'etcd' ? 'the server' : 'the client')
      expect([sha256, size]).toEqual([digestOf(text), packed.length])
    }
    rmSync(whole.file)
    expect(await openEtcdRelease(whole.file, whole.sha256, cache)).toEqual(programs)
  })

  test('with another digest is refused, and nothing of it is kept', async () => {
    const { file, sha256 } = release('other', { etcd: 'not the server', etcdctl: 'x' })
    const wanted = 'b'.repeat(64)
    await expect(openEtcdRelease(file, wanted, cache)).rejects.toMatchObject({
      kind: 'preflight',
      why: expect.stringContaining(`its SHA-256 is ${sha256}, expected ${wanted}`),
    })
    expect(readdirSync(cache)).toEqual([whole.sha256])
  })

  test('that lacks a program, is no archive or is not there is told by its path', async () => {
    const { file, sha256 } = release('half', { etcd: 'x' })
    await expect(openEtcdRelease(file, sha256, cache)).rejects.toThrow(`${file} has no etcdctl`)
    const text = join(scratch, 'text')
    writeFileSync(text, 'no archive')
    for (const wrong of [text, join(scratch, 'nowhere')])
      await expect(openEtcdRelease(wrong, digestOf(Buffer.from('no archive')), cache)).rejects.toMatchObject({
        kind: 'inventory',
        message: `cannot read ${wrong} as a release of etcd`,
      })
  })
})
