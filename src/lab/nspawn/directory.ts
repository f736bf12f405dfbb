import { lstat, mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../../lib/errors.js'
import { isSharedDirectory } from '../../lib/grammar/host-path.js'

/** The file by which a directory is known as a lab's: only what carries it is deleted. */
export const markerName = '.kubestrap-lab'
const marker = `kubestrap lab\n# "kubestrap lab down" deletes machines/, ssh/ and this file here, and nothing else.\n`

/** What a lab puts into its directory, and into that of a machine; version 0.1.0 left no marker. */
const parts = ['machines', 'ssh']
const keyFiles = ['id_ed25519', 'id_ed25519.pub', 'known_hosts']
const machineParts = ['base', 'console.log', 'data', 'made', 'process.json', 'root', 'upper', 'work']

/** A directory that is a lab's, with the names of its machines. */
export interface LabDirectory {
  directory: string
  machines: readonly string[]
}

/**
 * Makes a directory a lab's: a new one, an empty one, or one that is a lab's already.
 * Throws UserError('inventory') for one that holds anything else.
 */
export async function claimDirectory(directory: string): Promise<void> {
  if (!(await labDirectory(directory))) await mkdir(directory, { recursive: true, mode: 0o700 })
  await mkdir(join(directory, 'machines'), { recursive: true, mode: 0o700 })
  await writeFile(join(directory, markerName), marker, { mode: 0o600 })
}

/**
 * What a directory holds of a lab; undefined when there is none. Nothing is followed through a link.
 * Throws UserError('inventory') for a directory that is no lab's: it is not ours to delete or to use.
 */
export async function labDirectory(directory: string): Promise<LabDirectory | undefined> {
  if (isSharedDirectory(directory))
    throw refusal(
      directory,
      'it is a directory of the system',
      'name a directory of its own in lab.directory',
    )
  const kind = await kindOf(directory)
  if (kind === 'absent') return undefined
  if (kind !== 'directory')
    throw refusal(
      directory,
      `it is a ${kind}`,
      'write the path of a directory to lab.directory, not a link to one',
    )
  const names = await readdir(directory)
  const marked = names.includes(markerName) && (await isMarked(directory))
  const strange = marked ? [] : await strangers(directory, names)
  if (strange.length > 0)
    throw refusal(
      directory,
      `it holds ${strange.slice(0, 5).join(', ')}${strange.length > 5 ? ` and ${strange.length - 5} more` : ''}`,
      `name a directory of its own in lab.directory; what a lab left here is ${parts.join('/ and ')}/: delete it by hand`,
    )
  return { directory, machines: await machinesIn(directory) }
}

/**
 * Deletes what a lab put into its directory, whose machines have been removed, and the directory when nothing else
 * is in it. Returns the names of what stays.
 */
export async function removeDirectory({ directory }: LabDirectory): Promise<readonly string[]> {
  for (const name of keyFiles) await rm(join(directory, 'ssh', name), { force: true })
  for (const part of parts) await removeEmpty(join(directory, part))
  const left = (await readdir(directory)).filter((name) => name !== markerName)
  // the marker goes last, so that a run cut here goes on
  await rm(join(directory, markerName), { force: true })
  if (left.length === 0) await rmdir(directory)
  return left
}

async function isMarked(directory: string): Promise<boolean> {
  const path = join(directory, markerName)
  return (await kindOf(path)) === 'file' && (await readFile(path, 'utf8')).startsWith('kubestrap lab\n')
}

/** What is in a directory without a marker that version 0.1.0 did not put there. */
async function strangers(directory: string, names: readonly string[]): Promise<string[]> {
  const strange = names.filter((name) => !parts.includes(name))
  for (const part of parts.filter((name) => names.includes(name))) {
    if ((await kindOf(join(directory, part))) !== 'directory') strange.push(part)
    else {
      const inside = await readdir(join(directory, part))
      if (part === 'ssh')
        strange.push(...inside.filter((name) => !keyFiles.includes(name)).map((name) => `ssh/${name}`))
      else
        for (const name of inside) {
          const machine = join(directory, part, name)
          const of = (await kindOf(machine)) === 'directory' ? await readdir(machine) : ['']
          if (of.some((one) => !machineParts.includes(one))) strange.push(`machines/${name}`)
        }
    }
  }
  return strange
}

/** Throws UserError('inventory') where a link leads out of the lab. */
async function machinesIn(directory: string): Promise<string[]> {
  const folder = join(directory, 'machines')
  for (const part of parts)
    if (!['absent', 'directory'].includes(await kindOf(join(directory, part))))
      throw refusal(directory, `${part} in it is no directory`, 'delete it by hand')
  if ((await kindOf(folder)) === 'absent') return []
  const names = await readdir(folder)
  for (const path of names.flatMap((name) =>
    ['', 'root', 'upper', 'work', 'data'].map((part) => join(name, part)),
  ))
    if (!['absent', 'directory'].includes(await kindOf(join(folder, path))))
      throw refusal(directory, `machines/${path} in it is no directory`, 'delete it by hand')
  return names
}

async function kindOf(path: string): Promise<'absent' | 'directory' | 'file' | 'link' | 'special file'> {
  try {
    const found = await lstat(path)
    if (found.isDirectory()) return 'directory'
    if (found.isSymbolicLink()) return 'link'
    return found.isFile() ? 'file' : 'special file'
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 'absent'
    throw error
  }
}

async function removeEmpty(path: string): Promise<void> {
  await rmdir(path).catch((error: unknown) => {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOENT' && code !== 'ENOTEMPTY') throw error
  })
}

function refusal(directory: string, why: string, next: string): UserError {
  return new UserError('inventory', `${directory} is not a lab's directory`, { why, next })
}
