import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchFunction, tooSlow } from '../../../src/host/download-script.js'

let directory: string
const children: ChildProcess[] = []
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-fetch-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(directory, { recursive: true, force: true })
})

const there = (name: string): string => join(directory, name)
/** Fetches with these programs; a shim finds the file it is to write in $out. */
function fetch(shims: Record<string, string>, { ca = '', script = fetchFunction } = {}): ChildProcess {
  for (const [name, body] of Object.entries(shims))
    writeFileSync(there(name), `#!/bin/sh\necho "$*" >>${there('asked')}\nout=${there('file')}\n${body}\n`, {
      mode: 0o755,
    })
  const child = spawn(
    'sh',
    ['-c', `${script}\nca=$1 idle=1\nfetch_to "$2" https://m.test/x`, 'sh', ca, there('file')],
    {
      env: { ...process.env, PATH: `${directory}:${process.env.PATH}` },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  children.push(child)
  return child
}
async function ended(child: ChildProcess): Promise<{ code: number | null; words: string }> {
  let words = ''
  child.stdout?.resume()
  child.stderr?.on('data', (data) => {
    words += data
  })
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  return { code, words }
}

describe('a download', () => {
  it('knows the authorities of the host and those of the mirror at once: one may redirect to the other', async () => {
    const own = there('ca-certificates.crt')
    writeFileSync(own, 'HOST')
    const keep = `while [ "$1" != --cacert ]; do shift; done; cat "$2" >${there('authorities')}`
    const script = fetchFunction.replace('/etc/ssl/certs/ca-certificates.crt', own)
    const ca = Buffer.from('PRIVATE\n').toString('base64')
    expect(await ended(fetch({ curl: keep }, { ca, script }))).toEqual({ code: 0, words: '' })
    expect(readFileSync(there('authorities'), 'utf8')).toBe('HOST\nPRIVATE\n')
    expect(readFileSync(there('asked'), 'utf8').trim().split('\n')).toHaveLength(1)
  })

  it('has a largest size, and a least rate that curl is told', async () => {
    const script = fetchFunction.replace(/ulimit -f \d+/, 'ulimit -f 8')
    const endless = fetch({ curl: 'exec head -c 100000 /dev/zero >"$out"' }, { script })
    expect(await ended(endless)).toMatchObject({
      code: 153,
      words: expect.stringMatching(/more than 1073741824 bytes/),
    })
    expect(statSync(there('file')).size).toBeLessThan(10_000)
    expect(readFileSync(there('asked'), 'utf8')).toMatch(
      /--max-filesize 1073741824 .*--speed-limit 4096 --speed-time 1 /,
    )
  })

  it('by wget has a least rate, too', async () => {
    const trickle =
      '[ "$1" != --version ] || { echo GNU; exit; }; for i in 1 2 3 4 5 6 7 8 9; do echo x >>"$out"; sleep 1; done'
    // as where there is no curl
    const script = fetchFunction.replace('command -v curl', 'command -v no-such-curl')
    expect(await ended(fetch({ wget: trickle }, { script }))).toMatchObject({ code: tooSlow })
  }, 15_000)

  it('ends when nobody reads how far it is', async () => {
    const child = fetch({ curl: `echo $$ >${there('pid')}; exec sleep 60` })
    await expect.poll(() => statSync(there('pid'), { throwIfNoEntry: false })?.size ?? 0).toBeGreaterThan(0)
    child.stdout?.destroy()
    const { code } = await ended(child)
    expect(code).toBe(143)
    expect(() => process.kill(Number(readFileSync(there('pid'), 'utf8')), 0)).toThrow('ESRCH')
  }, 15_000)
})
