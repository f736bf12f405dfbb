import { closeSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Entry } from './archive.js'

/** The last runs, and the end of each log. */
const mostRuns = 10
const mostBytes = 4 << 20

/**
 * The logs of the last runs of this inventory, newest first. Of another inventory's runs nothing is read but the first
 * line. A directory that is not there has none.
 * @param inventory its absolute path, as the first record of a log names it
 */
export function runLogs(directory: string, inventory: string): Entry[] {
  const names = namesIn(directory).filter((name) => isOf(join(directory, name), inventory))
  return names.slice(0, mostRuns).map((name) => {
    const text = readFileSync(join(directory, name), 'utf8')
    // the first line that is whole
    const end = text.length > mostBytes ? text.slice(text.indexOf('\n', text.length - mostBytes) + 1) : text
    return { name: `logs/${name}`, lines: end }
  })
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.endsWith('.log'))
      .sort()
      .reverse()
  } catch {
    return []
  }
}

function isOf(path: string, inventory: string): boolean {
  try {
    const first: unknown = JSON.parse(firstLine(path))
    return (
      typeof first === 'object' && first !== null && 'inventory' in first && first.inventory === inventory
    )
  } catch {
    return false
  }
}

function firstLine(path: string): string {
  const file = openSync(path, 'r')
  try {
    const buffer = Buffer.alloc(8_192)
    return buffer.toString('utf8', 0, readSync(file, buffer)).split('\n')[0] ?? ''
  } finally {
    closeSync(file)
  }
}
