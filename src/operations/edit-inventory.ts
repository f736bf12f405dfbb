import { readFile, realpath, stat } from 'node:fs/promises'
import { messageOf, UserError } from '../lib/errors.js'
import { replaceFile } from './replace-file.js'

/** The text of an inventory file that is going to be edited. Throws UserError('inventory') for one that cannot be written back as it is. */
export async function editableText(file: string): Promise<string> {
  const { target, bytes } = await read(file)
  const text = bytes.toString('utf8')
  if (!Buffer.from(text).equals(bytes))
    throw new UserError('inventory', `${file} is not UTF-8`, {
      next: `convert ${target}, or edit it by hand and run without --edit-inventory`,
    })
  return text
}

/**
 * Edits an inventory file in one move; a link stays a link to the file it leads to.
 * @param change gets the text as it is now
 * Throws UserError('inventory') when it cannot be read or written; and what `change` throws.
 */
export async function editInventory(file: string, change: (text: string) => string): Promise<void> {
  const before = await editableText(file)
  const after = change(before)
  if (after === before) return
  const { target } = await read(file)
  try {
    await replaceFile(target, after, await stat(target))
  } catch (error) {
    throw new UserError('inventory', `cannot write ${file}`, { ...said(error), next: byHand, cause: error })
  }
}

const byHand = 'remove the hosts from the inventory by hand'

async function read(file: string): Promise<{ target: string; bytes: Buffer }> {
  try {
    const target = await realpath(file)
    const kind = await stat(target)
    if (!kind.isFile()) throw new Error(`${target} is not a regular file`)
    return { target, bytes: await readFile(target) }
  } catch (error) {
    throw new UserError('inventory', `cannot edit ${file}`, {
      ...said(error),
      next: 'name a file with -i FILE, or run without --edit-inventory',
      cause: error,
    })
  }
}

const said = (error: unknown): { why: string } => ({
  why: messageOf(error),
})
