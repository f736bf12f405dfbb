import { describe, expect, it } from 'vitest'
import type { Command, Connection } from '../../../src/host/connection.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { NoAnswer } from '../../../src/lib/errors.js'

/** This machine, so busy that questions whose deadline is below `busyMs` are still at work when it comes. */
function busy(busyMs: number): { connection: Connection; asked: Command[] } {
  const local = localConnection()
  const asked: Command[] = []
  const connection: Connection = {
    ...local,
    run: (command) => {
      asked.push(command)
      const script = command.script.replace(/(timeout -k 1 )([\d.]+)/g, (_, head, seconds) =>
        Number(seconds) * 1000 < busyMs ? `${head}0.01` : `${head}${seconds}`,
      )
      const alone = !command.script.includes('timeout -k') && command.timeoutMs < busyMs
      return local.run({ ...command, script, ...(alone ? { timeoutMs: 10 } : {}) })
    },
  }
  return { connection, asked }
}

describe('a question to a busy host', () => {
  it('that names no deadline is asked once more, alone, with a longer one', async () => {
    const { connection, asked } = busy(30_000)
    const host = createHost('cp1', connection)
    const [slow, other] = await Promise.all([
      host.read({ script: 'sleep 0.2; echo seen' }),
      host.read({ script: 'echo at once', timeoutMs: 60_000 }),
    ])
    expect([slow.stdout.toString(), other.stdout.toString()]).toEqual(['seen\n', 'at once\n'])
    expect(asked).toHaveLength(2)
    await host.close()
  })

  it('that is silent both times has no answer, which is never an empty one', async () => {
    const { connection, asked } = busy(3_600_000)
    const host = createHost('cp1', connection)
    const error = await host.read({ what: 'look', script: 'sleep 0.2' }).catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(NoAnswer)
    expect(error).toMatchObject({ kind: 'connection', host: 'cp1', message: 'no answer within 40 s' })
    expect(asked).toHaveLength(2)
    await host.close()
  })

  it('that names its deadline is asked once', async () => {
    const { connection, asked } = busy(3_600_000)
    const host = createHost('cp1', connection)
    await expect(host.read({ script: 'sleep 0.2', timeoutMs: 1_000 })).rejects.toThrow('no answer within 1 s')
    expect(asked).toHaveLength(1)
    await host.close()
  })
})
