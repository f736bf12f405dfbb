import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { messageOf, UserError } from '../lib/errors.js'
import { fileDigest } from '../lib/file-digest.js'
import type { Bundle } from './bundle.js'
import { filesOf } from './manifest.js'

/**
 * Checks size and digest of every file before anything is touched. Throws one UserError('preflight')
 * that names each wrong file, what was expected and what was found.
 * @param stamps where digests of files already read are remembered. A file is believed unread only
 *   while inode, size, mtime and ctime (nanoseconds) are what they were: the kernel sets ctime, so no
 *   change escapes. Losing it costs a reading, nothing else;
 *   without it every file is read.
 */
export async function verifyBundle(bundle: Bundle, stamps?: string): Promise<void> {
  const known = stamps === undefined ? new Map<string, string>() : await readStamps(stamps)
  const seen = new Map<string, string>()
  const entries = filesOf(bundle.manifest)
  const problems = await Promise.all(
    entries.map(async (entry): Promise<string[]> => {
      const path = bundle.path(entry)
      const info = await stat(path, { bigint: true }).catch(() => undefined)
      if (!info?.isFile()) return [`${entry.file}: not found`]
      if (Number(info.size) !== entry.fileSize)
        return [`${entry.file}: ${info.size} bytes, expected ${entry.fileSize}`]
      const stamp = `${path} ${info.ino} ${info.size} ${info.mtimeNs} ${info.ctimeNs}`
      let digest: string
      try {
        digest = known.get(stamp) ?? (await fileDigest(path))
      } catch (error) {
        return [`${entry.file}: cannot be read: ${messageOf(error)}`]
      }
      seen.set(stamp, digest)
      return digest === entry.fileSha256
        ? []
        : [`${entry.file}: SHA-256 ${digest}, expected ${entry.fileSha256}`]
    }),
  )
  const wrong = problems.flat()
  if (wrong.length > 0) throw cannotBeTrusted(bundle, wrong)
  if (stamps !== undefined && [...seen.keys()].some((stamp) => !known.has(stamp)))
    await writeStamps(stamps, seen)
}

/** @param wrong a line for each wrong file */
export const cannotBeTrusted = (bundle: Bundle, wrong: readonly string[]): UserError =>
  new UserError(
    'preflight',
    `${wrong.length === 1 ? 'a file' : `${wrong.length} files`} of the bundle ${bundle.directory} cannot be trusted`,
    {
      why: wrong.join('\n'),
      next: 'nothing was changed; download or create the bundle again',
    },
  )

async function readStamps(file: string): Promise<Map<string, string>> {
  const text = await readFile(file, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => /^[0-9a-f]{64} /.test(line))
  return new Map(lines.map((line) => [line.slice(65), line.slice(0, 64)]))
}

async function writeStamps(file: string, stamps: ReadonlyMap<string, string>): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true })
    await writeFile(`${file}.new`, [...stamps].map(([stamp, digest]) => `${digest} ${stamp}\n`).join(''), {
      mode: 0o600,
    })
    await rename(`${file}.new`, file)
  } catch {
    // a cache that cannot be written (a read-only home) costs time on the next run, no more
  }
}
