import { readFileSync } from 'node:fs'

/** Whether no process with this id runs any more; one that only waits to be reaped has ended. */
export function isGone(pid: number): boolean {
  try {
    return / Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\)/, ''))
  } catch {
    return true
  }
}
