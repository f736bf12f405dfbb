import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../src/host/host.js'
import { localConnection } from '../../src/host/local-connection.js'
import { createHost } from '../../src/host/remote-host.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { type BreakableLine, breakableLine } from '../support/breakable-line.js'
import { keepHostDirectories } from '../support/host-run-directory.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

/** More than the 2 MiB of an SSH window, so that the sender waits for the host. */
const chunk = 64 * 1024
const chunks = 128
const whole = Buffer.alloc(chunk * chunks, randomBytes(1024))
const digest = '0'.repeat(64)

const servers = [
  { name: 'ssh2 server', missing: () => undefined, start: startSshServer },
  { name: 'sshd', missing: noSshd, start: (files: SshFiles) => startSshd(files) },
]

/** Ends of a line, each at a stage of what is sent: before it, in the middle of it, right after its last byte. */
const stages = [
  { stage: 'before its first byte', at: 0 },
  { stage: 'after its first bytes', at: 1 },
  { stage: 'in the middle', at: chunks / 2 },
  { stage: 'after its last byte', at: chunks },
]
const ways = ['cut', 'freeze'] as const

let putBack: () => void
beforeAll(async () => {
  putBack = await keepHostDirectories()
}, 300_000)
afterAll(() => putBack())

describe.each(servers)('a line that is lost while a file is sent: $name', ({ missing, start }) => {
  let files: SshFiles
  let server: SshServer
  let line: BreakableLine
  let host: Host
  let directory: string
  beforeAll(async () => {
    if (missing()) return
    files = makeSshFiles()
    server = await start(files)
  })
  afterAll(async () => {
    await server?.stop()
    files?.remove()
  })
  beforeEach(async (ctx) => {
    const reason = missing()
    if (reason) return ctx.skip(reason)
    directory = mkdtempSync(join(tmpdir(), 'ks-lost-'))
    line = await breakableLine(server.port)
    const operator = testOperator({ patience: { handshakeMs: 5_000, silenceMs: 800 } })
    host = createHost('cp1', sshConnection(sshHostSpec(files, line.port), { become: asIs, operator }))
    await host.takeOver('epoch')
  })
  afterEach(async () => {
    await host?.close()
    await line?.stop()
    if (directory) rmSync(directory, { recursive: true, force: true })
  })

  /** The bytes, breaking the line once so many chunks have been asked for. */
  const breaking = (at: number, way: (typeof ways)[number]): Readable => {
    let given = 0
    return new Readable({
      highWaterMark: chunk,
      read() {
        if (given === at) line[way]()
        if (given === chunks) this.push(null)
        else this.push(whole.subarray(given * chunk, ++given * chunk))
      },
    })
  }

  describe.each(stages)('$stage', ({ at }) => {
    it.each(ways)(
      '%s: the upload fails in words, nothing is left at its path, its source is let go of',
      async (way) => {
        const source = breaking(at, way)
        const path = join(directory, 'file')
        await expect(
          host.upload(source, path, { sha256: digest, mode: '0600', onBytes: () => {} }),
        ).rejects.toMatchObject({
          kind: 'step',
          host: 'cp1',
          message: 'the connection was lost during a change',
        })
        await expect.poll(() => source.destroyed).toBe(true)
        expect(existsSync(path)).toBe(false)
      },
    )

    it.each(ways)('%s: an image load fails in words', async (way) => {
      await expect(
        host.mutate({
          what: 'load image x',
          script: 'cat >/dev/null',
          stdin: breaking(at, way),
          timeoutMs: 600_000,
        }),
      ).rejects.toMatchObject({ kind: 'step', message: 'the connection was lost during a change' })
    })
  })

  it('the next command dials again, and what was uploaded halfway is gone by the next upload', async () => {
    const path = join(directory, 'file')
    const { createHash } = await import('node:crypto')
    const sha256 = createHash('sha256').update(whole).digest('hex')
    await expect(
      host.upload(breaking(chunks / 2, 'cut'), path, { sha256, mode: '0600' }),
    ).rejects.toMatchObject({ kind: 'step' })
    await host.upload(Readable.from([whole]), path, { sha256, mode: '0600' })
    expect(readdirSync(directory)).toEqual(['file'])
  })
})

describe('a local command that is killed while a file is sent', () => {
  it('fails in words, and its source is let go of', async () => {
    const host = createHost('cp1', localConnection())
    await host.takeOver('epoch')
    const source = new Readable({
      read() {
        this.push(whole.subarray(0, chunk))
      },
    })
    // ends the shells of the wire too: nobody is left to read, or to say how it ended
    const script =
      'p=$$; while read -r _ comm _ pp _ </proc/$p/stat; case $comm in "(sh)"|"(timeout)") :;; *) false;; esac; do l=$p p=$pp; done; kill -9 "$l"; sleep 1'
    await expect(host.mutate({ what: 'x', script, stdin: source, timeoutMs: 60_000 })).rejects.toMatchObject({
      kind: 'step',
    })
    await expect.poll(() => source.destroyed).toBe(true)
  })
})
