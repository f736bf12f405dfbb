import { lstat, mkdir, open, readFile, realpath, rm, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { replaceFile } from './replace-file.js'

/**
 * Changes a file of the operator's in one move: the new text is there whole, or the old one is. It keeps its mode and
 * owner, a link stays a link to the file it leads to, and kubectl is kept out meanwhile by the lock it takes itself
 * (client-go, clientcmd: FILE.lock). A new file is for its owner alone.
 * @param change gets the text, '' where there is no file
 * Throws UserError('step') when it cannot be read or written, or is no ordinary file; and what `change` throws.
 */
export async function changeUserFile(file: string, change: (text: string) => string): Promise<void> {
  const target = await leadsTo(file)
  await mkdir(dirname(target), { recursive: true, mode: 0o700 }).catch(cannot(file, 'write'))
  const unlock = await locked(target)
  try {
    const before = await stat(target).catch(absent(file))
    if (before && !before.isFile()) throw refusal(file, 'is not an ordinary file', '')
    const text = before ? await readFile(target, 'utf8').catch(cannot(file, 'read')) : ''
    const changed = change(text)
    if (before && changed === text) return
    await replaceFile(target, changed, before).catch(cannot(file, 'write'))
  } finally {
    await unlock()
  }
}

async function leadsTo(file: string): Promise<string> {
  try {
    return await realpath(file)
  } catch (error) {
    // a link to nothing: what would be written where is not known
    if (codeOf(error) !== 'ENOENT') throw refusal(file, 'cannot be read', wordsOf(error))
    const link = await lstat(file).catch(() => undefined)
    if (link) throw refusal(file, 'is a link that leads nowhere', '')
    return file
  }
}

async function locked(target: string): Promise<() => Promise<void>> {
  const lock = `${target}.lock`
  const handle = await open(lock, 'wx', 0o600).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw refusal(target, 'cannot be written', wordsOf(error))
    throw new UserError('step', `${target} is locked`, {
      why: `${lock} is there: kubectl is writing it, or was killed while it did`,
      next: `run again; where no kubectl runs, remove ${lock} first`,
    })
  })
  await handle.close()
  return () => rm(lock, { force: true })
}

const absent =
  (file: string) =>
  (error: unknown): undefined => {
    if (codeOf(error) === 'ENOENT') return undefined
    throw refusal(file, 'cannot be read', wordsOf(error))
  }

const cannot =
  (file: string, what: 'read' | 'write') =>
  (error: unknown): never => {
    throw refusal(file, `cannot be ${what === 'read' ? 'read' : 'written'}`, wordsOf(error))
  }

const refusal = (file: string, what: string, why: string): UserError =>
  new UserError('step', `${file} ${what}`, {
    ...(why ? { why } : {}),
    next: 'choose another file: --kubeconfig FILE',
  })

const codeOf = (error: unknown): unknown =>
  typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
const wordsOf = (error: unknown): string => messageOf(error)
