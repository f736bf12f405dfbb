import { PassThrough } from 'node:stream'
import { afterEach, describe, expect, it } from 'vitest'
import type { Connection, Outcome } from '../../src/host/connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

const reason = noSshd()

describe.skipIf(reason !== undefined)(
  `many commands at once over one connection to a real sshd${reason ? ` (skipped: ${reason})` : ''}`,
  () => {
    let files: SshFiles
    let server: SshServer
    let connection: Connection
    afterEach(async () => {
      await connection.close()
      await server.stop()
      files.remove()
    })

    /** How `count` commands end that are given together to a server that allows so many sessions. */
    const outcomes = async (maxSessions: number, count: number, script: string): Promise<string[]> => {
      files = makeSshFiles()
      server = await startSshd(files, [`MaxSessions ${maxSessions}`])
      connection = sshConnection(sshHostSpec(files, server.port), {
        become: asIs,
        operator: testOperator(),
      })
      const all = await Promise.all(
        Array.from({ length: count }, () => connection.run({ script, timeoutMs: 30_000 })),
      )
      return [...new Set(all.map(said))]
    }
    const said = (outcome: Outcome): string =>
      outcome.kind === 'exited' ? `exit ${outcome.code}` : JSON.stringify(outcome)

    it('none is lost where sshd has not yet closed those that ended', async () => {
      // as many as we use: one that is not closed yet is one too many
      expect(await outcomes(8, 64, 'true')).toEqual(['exit 0'])
    })

    it('none is lost where sshd allows fewer sessions than we would use', async () => {
      expect(await outcomes(2, 20, 'sleep 0.1')).toEqual(['exit 0'])
    })

    it('what goes on for as long as the run takes the place of nothing else, where sshd allows one session', async () => {
      expect(await outcomes(1, 1, 'true')).toEqual(['exit 0'])
      const stands = () => {
        const input = new PassThrough()
        const ended = connection.run({ script: 'cat', standing: true, stdin: input, timeoutMs: 30_000 })
        return { input, ended }
      }
      const run = () => connection.run({ script: 'true', timeoutMs: 10_000 })
      // nobody knows yet that sshd allows one alone: it has to make room
      const first = stands()
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect((await Promise.all([run(), run()])).map(said)).toEqual(['exit 0', 'exit 0'])
      expect((await first.ended).kind).not.toBe('exited')
      // and begins again on a connection of its own
      const second = stands()
      await new Promise((resolve) => setTimeout(resolve, 300))
      expect((await Promise.all([run(), run()])).map(said)).toEqual(['exit 0', 'exit 0'])
      second.input.end()
      expect(said(await second.ended)).toBe('exit 0')
    })

    it('a server that allows none is told apart from one that is busy', async () => {
      expect(await outcomes(0, 3, 'true')).toEqual([expect.stringContaining('open failed')])
    })
  },
)
