import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { messageOf, UserError } from '../../lib/errors.js'
import { readJUnitReport, type SuiteReport } from './junit-report.js'

/** 6,600 specs that passed have 2 MB; one that failed may have several more. */
const largestReport = 256 * 1024 * 1024

/** "kubestrap-conformance-prod-20261129T013203Z": where a report goes that nobody named a directory for. */
export function reportName(clusterName: string, at: Date): string {
  const time = at
    .toISOString()
    .replace(/\.\d+Z$/, 'Z')
    .replaceAll(/[-:]/g, '')
  return `kubestrap-conformance-${clusterName.replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${time}`
}

/** @returns the absolute path. Throws UserError('usage') unless it is a directory that is empty, or nothing at all. */
export async function freeDirectory(given: string): Promise<string> {
  const path = resolve(given)
  const entries = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw new UserError('usage', `the report cannot be written to ${given}`, {
      why: error.message,
      next: 'name another directory: --report DIR',
    })
  })
  if (entries.length === 0) return path
  throw new UserError('usage', `${given} is not empty`, {
    why: `it has ${entries[0]}, and a report is never written over another`,
    next: 'name another directory: --report DIR',
  })
}

/** Throws UserError('usage') when it cannot be created. */
export async function createDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true }).catch((error: Error) => {
    throw new UserError('usage', `${path} cannot be created`, {
      why: error.message,
      next: 'name another directory: --report DIR',
    })
  })
}

/** The report that a suite has left; the reason why there is none that could be read. */
export async function reportIn(directory: string): Promise<SuiteReport | { none: string }> {
  const path = join(directory, 'junit_01.xml')
  try {
    const { size } = await stat(path)
    if (size > largestReport) return { none: `${path} is larger than ${largestReport / 1024 / 1024} MiB` }
    return readJUnitReport(await readFile(path, 'utf8'))
  } catch (error) {
    const words = messageOf(error)
    return {
      none: words.includes('ENOENT') ? `the suite wrote no ${path}` : `${path} cannot be read: ${words}`,
    }
  }
}
