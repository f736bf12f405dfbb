import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { childrenOf, isRunning, processOf } from '../../../src/lab/nspawn/process.js'

describe('a process', () => {
  it('is known by its number and when it began', async () => {
    const me = await processOf(process.pid)
    expect(me).toEqual({ pid: process.pid, started: expect.stringMatching(/^\d+$/) })
    expect(await isRunning(me)).toBe(true)
  })

  it('that got the number of another is not that one', async () => {
    expect(await isRunning({ pid: process.pid, started: '1' })).toBe(false)
  })

  it('that nobody knows does not run', async () => {
    expect(await isRunning(undefined)).toBe(false)
    expect(await processOf(4_194_305)).toBeUndefined()
  })

  it('is found whatever its name holds, is a child, and is gone when it ended', async () => {
    const child = spawn('sh', ['-c', "printf 'x) R 1 (y' >/proc/self/comm; echo named; read -r _"], {
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    await once(child.stdout, 'data')
    const id = await processOf(child.pid ?? 0)
    expect(id).toEqual({ pid: child.pid, started: expect.stringMatching(/^\d{3,}$/) })
    expect(await isRunning(id)).toBe(true)
    expect(await childrenOf(process.pid)).toContain(child.pid)
    child.stdin.end()
    await once(child, 'exit')
    expect(await isRunning(id)).toBe(false)
    expect(await childrenOf(process.pid)).not.toContain(child.pid)
  })
})
