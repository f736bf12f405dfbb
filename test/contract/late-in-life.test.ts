import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, Outcome } from '../../src/host/connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import { noSshd, startSshd } from '../support/sshd.js'

const reason = noSshd()
const timeoutMs = 60_000
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe.skipIf(reason !== undefined)(
  `what happens late in the life of a connection to a real sshd${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let files: SshFiles
    let server: Awaited<ReturnType<typeof startSshd>>
    let connection: Connection
    afterEach(async () => {
      await connection.close()
      await server.stop()
      files.remove()
    })
    const start = async (...lines: string[]): Promise<void> => {
      files = makeSshFiles()
      server = await startSshd(files, lines)
      connection = sshConnection(sshHostSpec(files, server.port), { become: asIs, operator: testOperator() })
    }
    const run = (script: string, stdin?: Buffer): Promise<Outcome> =>
      connection.run({ script, timeoutMs, ...(stdin ? { stdin } : {}) })
    const text = (outcome: Outcome): string =>
      outcome.kind === 'exited' ? outcome.stdout.toString().trim() : JSON.stringify(outcome)
    const sha = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
    /** The process that serves the connection. */
    const served = async (): Promise<string> =>
      text(
        await run(
          'p=$PPID; while ! grep -q "^Name:.sshd" /proc/$p/status; do p=$(cut -d" " -f4 /proc/$p/stat); done; echo $p',
        ),
      )

    it('20 MB up and 20 MB down are whole where new keys are asked for after each (RekeyLimit 1M)', async () => {
      await start('RekeyLimit 1M')
      const bytes = randomBytes(20_000_000)
      const before = await served()
      expect(text(await run('sha256sum | cut -d" " -f1', bytes))).toBe(sha(bytes))
      const down = await run('head -c 20000000 /dev/zero')
      expect(down.kind === 'exited' && sha(down.stdout)).toBe(sha(Buffer.alloc(20_000_000)))
      // both ways at once, and several of them
      const echoes = await Promise.all([1, 2, 3].map(() => run('cat', bytes.subarray(0, 5_000_000))))
      for (const echo of echoes)
        expect(echo.kind === 'exited' && sha(echo.stdout)).toBe(sha(bytes.subarray(0, 5_000_000)))
      // all of it over one connection
      expect(await served()).toBe(before)
    })

    it('keys that are asked for by the clock (RekeyLimit default 1) change nothing', async () => {
      await start('RekeyLimit default 1')
      const before = await served()
      for (const _ of [1, 2, 3]) {
        await sleep(1_100)
        expect(await served()).toBe(before)
      }
    })

    it('a server that asks for signs of life of an idle connection gets them (ClientAliveInterval)', async () => {
      await start('ClientAliveInterval 1', 'ClientAliveCountMax 1')
      const before = await served()
      await sleep(4_000)
      expect(await served()).toBe(before)
    })

    it('a reload of sshd leaves it alone; commands go on', async () => {
      await start()
      const before = await served()
      server.signal('SIGHUP')
      await sleep(300)
      expect(await served()).toBe(before)
    })

    it('an idle connection that the server closes is dialled again', async () => {
      await start()
      const before = await served()
      await server.drop()
      await sleep(300)
      expect(await served()).not.toBe(before)
    })
  },
)
