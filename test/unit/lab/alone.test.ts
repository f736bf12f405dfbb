import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { alone } from '../../../src/lab/alone.js'

const scratch = mkdtempSync(join(tmpdir(), 'kubestrap-alone-'))
const quiet = (): void => {}
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

describe('work that only one process may do at a time', () => {
  afterAll(() => rmSync(scratch, { recursive: true }))

  test('is done by one after the other', async () => {
    const path = join(scratch, 'made')
    const log: string[] = []
    const work = (name: string) => async () => {
      log.push(`${name} begins`)
      await sleep(30)
      log.push(`${name} ends`)
    }
    await Promise.all(['one', 'two', 'three'].map((name) => alone(path, quiet, work(name))))
    expect(log).toHaveLength(6)
    for (const at of [0, 2, 4]) expect(log[at + 1]).toBe(log[at]?.replace('begins', 'ends'))
  })

  test('lets the next one in when it fails', async () => {
    const path = join(scratch, 'failed')
    const failure = new Error('no room')
    await expect(alone(path, quiet, () => Promise.reject(failure))).rejects.toBe(failure)
    expect(await alone(path, quiet, async () => 'done')).toBe('done')
  })

  test('waits for a process that has the lock, says so, and goes on when that one is killed', async () => {
    const path = join(scratch, 'taken')
    const other = spawn('flock', [`${path}.lock`, 'sh', '-c', 'echo held; exec sleep 60'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      detached: true,
    })
    await new Promise((resolve) => other.stdout.once('data', resolve))
    const said: string[] = []
    const done = alone(
      path,
      (line) => {
        said.push(line)
        process.kill(-(other.pid ?? 0), 'SIGKILL')
      },
      async () => 'done',
    )
    expect(await done).toBe('done')
    expect(said).toEqual([`waiting for another run that makes ${path}`])
  })
})
