import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { collector } from '../../src/host/collect.js'
import type { Command, Connection, Outcome } from '../../src/host/connection.js'
import { createHost } from '../../src/host/remote-host.js'
import { commandLine, header, outcomeOf } from '../../src/host/wire.js'

const missing =
  process.getuid?.() === 0 && spawnSync('unshare', ['-m', 'true']).status === 0
    ? undefined
    : 'small file systems are mounted in a namespace of their own, by root'

/** Mounts a file system of 64 KiB over each place, and leaves so many KiB of it free. */
const setUp = (free: Readonly<Record<string, number>>): string =>
  Object.entries(free)
    .map(
      ([place, kib]) =>
        `mount -t tmpfs -o size=64k none ${place} && head -c ${(64 - kib) * 1024} /dev/zero >${place}/fill 2>/dev/null`,
    )
    .join('; ')

/** This machine by the product's own wire, with small file systems where answers are written down. */
function machine(free: Readonly<Record<string, number>>): Connection {
  return {
    description: 'a full machine',
    run: async (command: Command): Promise<Outcome> => {
      const line = `${setUp(free)}; ${commandLine('none')}`
      const ran = spawnSync('unshare', ['-m', '/bin/sh', '-c', line], { input: header(command, 'none') })
      const output = collector(command)
      output.stdout(ran.stdout)
      output.stderr(ran.stderr)
      return outcomeOf(output.result())
    },
    openTcp: () => Promise.reject(new Error('no TCP here')),
    close: async () => {},
  }
}

describe.skipIf(missing !== undefined)(
  `a host whose /run is full${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const everywhere = (kib: number): Record<string, number> => ({
      '/run': kib,
      '/tmp': kib,
      '/var/tmp': kib,
      '/dev/shm': kib,
    })

    it('is asked by way of another place', async () => {
      const host = createHost('cp1', machine({ '/run': 0 }))
      const [said, there, none] = await Promise.all([
        host.read({ script: 'echo something' }),
        host.stat('/etc/passwd'),
        host.stat('/etc/none'),
      ])
      expect(said.stdout.toString()).toBe('something\n')
      expect(there).toMatchObject({ kind: 'file' })
      expect(none).toMatchObject({ kind: 'absent' })
    })

    it('and every other place too: a question that is alone is answered, since nothing of it is written down', async () => {
      const host = createHost('cp1', machine(everywhere(0)))
      expect((await host.read({ script: 'echo something' })).stdout.toString()).toBe('something\n')
      expect(await host.stat('/etc/none')).toMatchObject({ kind: 'absent' })
    })

    it('and every other place too: questions and looks fail in words, and nothing is taken for absent', async () => {
      const host = createHost('cp1', machine(everywhere(0)))
      const full = {
        kind: 'connection',
        host: 'cp1',
        why: expect.stringContaining('cannot write to any of /run'),
      }
      const asked = [host.read({ script: 'echo something' }), host.stat('/etc/passwd')]
      for (const one of await Promise.allSettled(asked))
        expect(one).toMatchObject({ status: 'rejected', reason: full })
    })

    it('that fills while an answer is written: that question fails in words, the others are answered', async () => {
      const host = createHost('cp1', machine(everywhere(24)))
      const [long, short] = await Promise.allSettled([
        host.read({ what: 'the long one', script: 'seq 1 100000; exit 0' }),
        host.read({ script: 'echo short' }),
      ])
      expect(long).toMatchObject({
        status: 'rejected',
        reason: {
          message: 'could not check',
          why: expect.stringMatching(/no space left[\s\S]*the long one/),
        },
      })
      // whatever it was: never half an answer
      if (short.status === 'fulfilled') expect(short.value.stdout.toString()).toBe('short\n')
      else expect(short.reason).toMatchObject({ message: 'could not check' })
    })

    it('is not taken over, and says why', async () => {
      const host = createHost('cp1', machine({ '/run': 0 }))
      await expect(host.takeOver('epoch')).rejects.toMatchObject({ kind: 'step', host: 'cp1' })
    })
  },
)
