import { chmod, readFile, writeFile } from 'node:fs/promises'

/**
 * Copies a program and makes it say another version of itself: every `was` among its bytes becomes
 * `is`. Versions of one length only, so that nothing moves; it is what the linker's -X would have
 * written. What the program does stays what it was.
 * @returns how many places were changed
 * @throws when the lengths differ, or the program nowhere says `was`
 */
export async function stamp(from: string, to: string, was: string, is: string): Promise<number> {
  if (Buffer.byteLength(was) !== Buffer.byteLength(is)) throw new Error(`${was} and ${is} differ in length`)
  const bytes = await readFile(from)
  let places = 0
  for (let at = bytes.indexOf(was); at !== -1; at = bytes.indexOf(was, at + was.length)) {
    bytes.write(is, at)
    places += 1
  }
  if (places === 0) throw new Error(`${from} nowhere says ${was}`)
  await writeFile(to, bytes)
  await chmod(to, 0o755)
  return places
}
