import { existsSync, lstatSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { messageOf, UserError } from '../../lib/errors.js'

/** Names standard output where a file may be named. */
export const stdoutName = '-'

/** Throws UserError('usage') where a new file cannot be: before anybody is asked or any machine is looked at. */
export function refuseExisting(file: string): void {
  if (lstatSync(file, { throwIfNoEntry: false }) !== undefined) throw exists(file)
  const directory = dirname(file)
  if (!existsSync(directory))
    throw new UserError('usage', `${directory} does not exist`, {
      next: `create it (mkdir -p), or name another file with -f`,
    })
}

/** Writes a file that is not there yet, and replaces none. */
export function writeNewFile(file: string, text: string): void {
  try {
    writeFileSync(file, text, { flag: 'wx', mode: 0o644 })
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw exists(file)
    throw new UserError('usage', `cannot write ${file}`, {
      why: messageOf(error),
      next: 'make the directory writable, or name another file with -f (- for standard output)',
      cause: error,
    })
  }
}

const exists = (file: string): UserError =>
  new UserError('usage', `${file} exists, and an inventory is never overwritten`, {
    next: `edit it, name another file with -f (- for standard output), or remove it first`,
  })
