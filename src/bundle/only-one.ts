import { open, readFile, rm } from 'node:fs/promises'
import { UserError } from '../lib/errors.js'

/**
 * Does work on a directory that no other run may work on at the same time, on this computer; the lock of a run that was
 * killed is taken over. Throws UserError('usage') where another run is at work.
 * @param lock path of the lock, in a directory that exists
 */
export async function onlyOne<T>(lock: string, what: string, work: () => Promise<T>): Promise<T> {
  await take(lock, what)
  try {
    return await work()
  } finally {
    await rm(lock, { force: true })
  }
}

async function take(lock: string, what: string): Promise<void> {
  const file = await open(lock, 'wx').catch(async (error: unknown) => {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
    const other = Number(await readFile(lock, 'utf8').catch(() => ''))
    if (other > 0 && other !== process.pid && isAlive(other))
      throw new UserError('usage', `another run is at work on ${what}`, {
        why: `process ${other} holds ${lock}`,
        next: 'wait for its end, or name another directory',
      })
    return open(lock, 'w')
  })
  await file.writeFile(String(process.pid))
  await file.close()
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
