import { chown, open, rename, rm } from 'node:fs/promises'

/**
 * Gives a file a new text in one move: the new one is there whole, or the old one is.
 * @param target no link: a link would be replaced
 * @param before whose mode and owner it keeps; undefined: a new file, for its owner alone
 * Throws what writing throws.
 */
export async function replaceFile(
  target: string,
  text: string,
  before: { mode: number; uid: number; gid: number } | undefined,
): Promise<void> {
  const temporary = `${target}.kubestrap-${process.pid}`
  const handle = await open(temporary, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    if (before) {
      const made = await handle.stat()
      if (made.uid !== before.uid || made.gid !== before.gid) await chown(temporary, before.uid, before.gid)
      await handle.chmod(before.mode & 0o7777)
    }
    await handle.sync()
    await handle.close()
    await rename(temporary, target)
  } catch (error) {
    await handle.close().catch(() => {})
    await rm(temporary, { force: true })
    throw error
  }
}
