import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** What a host keeps of kubestrap; every host that is this machine shares it. */
const directories = ['/run/kubestrap', '/var/lib/kubestrap']

/** Whose turn it is: the number of a process. Files of tests run side by side. */
const turn = join(tmpdir(), 'ks-host-directories.turn')

/**
 * Waits until no other file of tests uses them, and remembers what this machine has there; the function given back
 * puts that back, removes the rest, and lets the next file go on.
 */
export async function keepHostDirectories(): Promise<() => void> {
  while (!taken()) await sleep(200)
  const store = mkdtempSync(join(tmpdir(), 'ks-kept-'))
  directories.forEach((directory, i) => {
    if (existsSync(directory)) cpSync(directory, join(store, String(i)), { recursive: true })
  })
  return () => {
    directories.forEach((directory, i) => {
      rmSync(directory, { recursive: true, force: true })
      if (existsSync(join(store, String(i)))) cpSync(join(store, String(i)), directory, { recursive: true })
    })
    rmSync(store, { recursive: true })
    rmSync(turn)
  }
}

/** Takes the turn if nobody has it who is alive. */
function taken(): boolean {
  try {
    writeFileSync(turn, String(process.pid), { flag: 'wx' })
    return true
  } catch {
    const owner = existsSync(turn) ? Number(readFileSync(turn, 'utf8')) : 0
    if (owner > 0 && !existsSync(`/proc/${owner}`)) rmSync(turn, { force: true })
    return false
  }
}
