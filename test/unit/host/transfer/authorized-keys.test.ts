import { spawnSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { editKeys } from '../../../../src/host/transfer/serve-script.js'

let home: string
let file: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'ks-keys-'))
  mkdirSync(join(home, '.ssh'), { mode: 0o700 })
  file = join(home, '.ssh/authorized_keys')
})
afterEach(() => rmSync(home, { recursive: true, force: true }))

const run = 'c0ffee0012345678'
const digest = 'a'.repeat(64)
const entry = (of = run, sha256 = digest): string =>
  `restrict,expiry-time="202611291200",from="10.0.0.1,fd00::2",command="exec cat /var/lib/kubestrap-transfer/${of}/${sha256}" ssh-ed25519 AAAAC3Nza+/= kubestrap-run-${of}`

const edit = (entries: string, of = run, sha256 = '[0-9a-f]*') =>
  spawnSync('/bin/sh', ['-c', editKeys, 'sh', home, of, sha256], { input: entries, encoding: 'utf8' })
const bytes = (): string => readFileSync(file, 'latin1')

describe("a login user's authorized_keys", () => {
  it('gets an entry and loses it, with mode and every other byte as they were', () => {
    const others = 'ssh-ed25519 AAAA me@here\n# a comment\n\n  ssh-rsa BBBB no newline at the end'
    writeFileSync(file, others, { mode: 0o640 })
    chmodSync(file, 0o640)
    expect(edit(`${entry()}\n`, run, digest).status).toBe(0)
    expect(bytes()).toBe(`${entry()}\n${others}`)
    expect(statSync(file).mode & 0o777).toBe(0o640)
    expect(edit('').status).toBe(0)
    expect(bytes()).toBe(others)
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys'])
  })

  it('has the entries of a file once, however often they are made', () => {
    writeFileSync(file, 'x\n')
    edit(entry(), run, digest)
    edit(entry(), run, digest)
    edit(entry(run, 'b'.repeat(64)), run, 'b'.repeat(64))
    expect(bytes()).toBe(`${entry(run, 'b'.repeat(64))}\n${entry()}\nx\n`)
    edit('', run, digest)
    expect(bytes()).toBe(`${entry(run, 'b'.repeat(64))}\nx\n`)
  })

  it("keeps another run's entries, and whatever only looks like one", () => {
    const alike = [
      entry('beef'),
      `# ${entry()}`,
      entry().replace('restrict,', ''),
      entry().replace('exec cat', 'exec  cat'),
      `${entry()} of mine`,
      entry().replace('kubestrap-run', 'kubestrap'),
      entry().replace('restrict,', 'restrict,pty,'),
      entry().replace(digest, `${digest}; id`),
    ]
    writeFileSync(file, `${alike.join('\n')}\n${entry()}\n`)
    expect(edit('').status).toBe(0)
    expect(bytes()).toBe(`${alike.join('\n')}\n`)
  })

  it('keeps every line of others, whatever bytes it has, in the order they had', () => {
    let state = 7
    const random = (below: number): number => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31
      return Math.floor((state / 2 ** 31) * below)
    }
    const line = (): string =>
      random(4) === 0
        ? entry('beef').slice(0, random(200))
        : Array.from({ length: random(40) }, () =>
            String.fromCharCode(
              [9, 13, 32, 34, 92, 124, 47, 128 + random(127), 33 + random(90)][random(9)] ?? 65,
            ),
          ).join('')
    for (let i = 0; i < 12; i += 1) {
      const theirs = Array.from({ length: random(6) }, line)
      const mixed = theirs.flatMap((one) => (random(2) ? [entry(), one] : [one]))
      const end = random(2) ? '\n' : ''
      writeFileSync(file, mixed.join('\n') + end, 'latin1')
      expect(edit(`${entry(run, 'c'.repeat(64))}\n`, run, 'c'.repeat(64)).status).toBe(0)
      expect(edit('').status).toBe(0)
      expect(bytes()).toBe(theirs.join('\n') + end)
    }
  })

  it('is not made where there is none, not written through a link, and nothing is left beside it', () => {
    expect(edit(entry()).status).toBe(1)
    expect(existsSync(file)).toBe(false)
    writeFileSync(join(home, 'elsewhere'), 'x\n')
    symlinkSync(join(home, 'elsewhere'), file)
    expect(edit(entry()).status).toBe(1)
    expect(readFileSync(join(home, 'elsewhere'), 'utf8')).toBe('x\n')
    expect(readdirSync(join(home, '.ssh'))).toEqual(['authorized_keys'])
  })

  it('needs no file where nothing is to be added', () => {
    expect(edit('').status).toBe(0)
    expect(existsSync(file)).toBe(false)
  })
})
