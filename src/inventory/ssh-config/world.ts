import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { hostname, networkInterfaces, userInfo } from 'node:os'
import { dirname, join } from 'node:path'
import { UserError } from '../../lib/errors.js'
import { globPattern } from '../../lib/glob-pattern.js'

/** What reading an SSH configuration needs of the operator's machine; tests bring their own. */
export interface SshWorld {
  localUser: string
  uid: number
  localHost: string
  addresses: readonly string[]
  environment: Readonly<Record<string, string | undefined>>
  /** A file's text; undefined when there is none. Throws UserError('inventory') when it cannot be read. */
  read(path: string): string | undefined
  /** Files a pattern with * ? names, sorted. */
  glob(pattern: string): string[]
  /** Whether `/bin/sh -c COMMAND` exits 0 (Match exec). Undefined: nothing may be run, and such lines do not apply. */
  exec: ((command: string) => boolean) | undefined
}

/**
 * This machine.
 * @param purpose 'look': commands that only show what an inventory says run nothing of it
 */
export function thisWorld(purpose: 'connect' | 'look' = 'connect'): SshWorld {
  const { username, uid } = userInfo()
  return {
    localUser: username,
    uid,
    localHost: hostname(),
    addresses: Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map((one) => one.address)),
    environment: process.env,
    read: (path) => {
      try {
        return readFileSync(path, 'utf8')
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
        throw new UserError('inventory', `cannot read ${path}`, {
          why: String(error),
          next: 'make the file readable, or name another with ssh.config (false for none)',
          cause: error,
        })
      }
    },
    glob,
    exec:
      purpose === 'look'
        ? undefined
        : (command) => spawnSync('/bin/sh', ['-c', command], { stdio: 'ignore' }).status === 0,
  }
}

/** glob(7) with * and ?, which do not match a leading dot. */
function glob(pattern: string): string[] {
  if (!/[*?]/.test(pattern)) return [pattern]
  const parent = dirname(pattern)
  const name = pattern.slice(parent === '/' ? 1 : parent.length + 1)
  const matches = globPattern(name)
  return glob(parent)
    .flatMap((directory) => entries(directory).map((entry) => ({ directory, entry })))
    .filter(({ entry }) => matches.test(entry) && (!entry.startsWith('.') || name.startsWith('.')))
    .map(({ directory, entry }) => join(directory, entry))
    .sort()
}

function entries(directory: string): string[] {
  try {
    return readdirSync(directory)
  } catch (error) {
    if (error instanceof Error && 'code' in error && ['ENOENT', 'ENOTDIR'].includes(String(error.code)))
      return []
    throw error
  }
}
