import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import { extract } from 'tar-stream'
import { messageOf, UserError } from '../lib/errors.js'

/** A program out of a release, ready to travel. */
export interface ReleasedProgram {
  name: string
  /** Absolute path, gzip-compressed. */
  source: string
  /** Of the program itself, lower-case hex. */
  sha256: string
  /** Of the compressed file, bytes. */
  size: number
}

const programs = ['etcd', 'etcdctl']

/**
 * Programs out of a release of etcd (etcd-vX-linux-ARCH.tar.gz). They are unpacked once, below `cache`, in a
 * directory by the release's digest that appears only when complete.
 * @param sha256 what the file's digest must be, lower-case hex
 * Throws UserError: 'inventory' when it cannot be read or lacks a program, 'preflight' when its digest is another.
 */
export async function openEtcdRelease(
  file: string,
  sha256: string,
  cache: string,
): Promise<readonly ReleasedProgram[]> {
  const directory = join(cache, sha256)
  const index = join(directory, 'programs.json')
  const known = await readFile(index, 'utf8').catch(() => undefined)
  if (known === undefined) await unpack(file, sha256, directory)
  const found: Omit<ReleasedProgram, 'source'>[] = JSON.parse(known ?? (await readFile(index, 'utf8')))
  return found.map((program) => ({ ...program, source: join(directory, `${program.name}.gz`) }))
}

async function unpack(file: string, sha256: string, directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true })
  const part = await mkdtemp(`${directory}.part-`)
  try {
    const whole = createHash('sha256')
    const found: Omit<ReleasedProgram, 'source'>[] = []
    const entries = extract()
    const reading = pipeline(createReadStream(file), counted(whole), createGunzip(), entries)
    const [took, read] = await Promise.allSettled([take(entries, part, found), reading])
    // whichever of the two failed first, the taking one has its words
    const failed = [took, read].find((one) => one.status === 'rejected')
    if (failed) throw unreadable(file, failed.reason)
    const digest = whole.digest('hex')
    if (digest !== sha256)
      throw new UserError('preflight', `${file} cannot be trusted`, {
        why: `its SHA-256 is ${digest}, expected ${sha256} (etcd.tarball.sha256)`,
        next: 'nothing was changed; download the file again, or fix the digest',
      })
    const missing = programs.filter((name) => !found.some((one) => one.name === name))
    if (missing.length > 0)
      throw new UserError('inventory', `${file} has no ${missing.join(' and no ')}`, {
        next: 'use a release of etcd: etcd-vX.Y.Z-linux-ARCH.tar.gz',
      })
    await writeFile(join(part, 'programs.json'), JSON.stringify(found))
    await rename(part, directory).catch(async (error: unknown) => {
      // another run may have been faster; what it made is the same
      if (!(await stat(directory).catch(() => undefined))) throw error
    })
  } finally {
    await rm(part, { recursive: true, force: true })
  }
}

const unreadable = (file: string, cause: unknown): UserError =>
  new UserError('inventory', `cannot read ${file} as a release of etcd`, {
    why: messageOf(cause),
    next: 'set etcd.tarball.file to the path of etcd-vX.Y.Z-linux-ARCH.tar.gz',
    cause,
  })

async function take(
  entries: ReturnType<typeof extract>,
  part: string,
  found: Omit<ReleasedProgram, 'source'>[],
): Promise<void> {
  for await (const entry of entries) {
    const name = basename(entry.header.name)
    if (entry.header.type !== 'file' || !programs.includes(name)) {
      entry.resume()
      continue
    }
    const hash = createHash('sha256')
    const path = join(part, `${name}.gz`)
    await pipeline(entry, counted(hash), createGzip({ level: 1 }), createWriteStream(path))
    found.push({ name, sha256: hash.digest('hex'), size: (await stat(path)).size })
  }
}

function counted(hash: ReturnType<typeof createHash>): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
}
