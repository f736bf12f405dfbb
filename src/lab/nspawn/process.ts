import { readdir, readFile } from 'node:fs/promises'

/** A process that cannot be mistaken for a later one with the same number. */
export interface ProcessId {
  pid: number
  /** Clock ticks after boot at which it began (/proc/PID/stat, field 22). */
  started: string
}

/** The running process with this number, or undefined. A zombie counts as ended. */
export async function processOf(pid: number): Promise<ProcessId | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
  // the name in brackets may hold anything; fields are counted behind it
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  const [state] = fields ?? []
  const started = fields?.[19]
  return started && state !== 'Z' ? { pid, started } : undefined
}

/** Whether that very process still runs. */
export async function isRunning(id: ProcessId | undefined): Promise<boolean> {
  if (!id) return false
  return (await processOf(id.pid))?.started === id.started
}

/** Its children, by /proc. */
export async function childrenOf(pid: number): Promise<number[]> {
  const tasks = await readdir(`/proc/${pid}/task`).catch(() => [])
  const lists = await Promise.all(
    tasks.map((task) => readFile(`/proc/${pid}/task/${task}/children`, 'utf8').catch(() => '')),
  )
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number))
}
