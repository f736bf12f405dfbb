import { createHash, type Hash } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UserError } from '../lib/errors.js'
import { fileDigest } from '../lib/file-digest.js'
import { type Doubt, tellDoubted } from './doubt.js'
import { type Answer, isLost, wordsOf } from './open-stream.js'

/** A file that is known by its digest before it is there. */
export interface WantedFile {
  /** For messages: "kubelet 1.36.3 for amd64". */
  what: string
  /** Lower-case hex. */
  sha256: string
  /** Its size where that is known: no other is right, and nothing beyond it is read. */
  size: number | undefined
  maxBytes: number
  /** Where it will be, whole or not at all. */
  path: string
  /** Asks for it, from a byte on. Throws UserError for an answer that no waiting changes. */
  open(headers: Readonly<Record<string, string>>): Promise<Answer>
  /** Asks for its digest again, where that was published. */
  doubt?: Doubt | undefined
  /** What to do when it cannot be downloaded. */
  next: string
}

/** How often a download that is cut is gone on with, or begun again. */
const attempts = 4
const pauseMs = 300

/**
 * Downloads a file. One that is cut is gone on with where the server can do that (Range), else begun again; a whole one
 * of an earlier run is used after its digest was taken again. Throws UserError: 'connection', 'preflight' for other bytes
 * than the digest's, and as `open` does; the error of the file system as it is.
 */
export async function downloadFile(wanted: WantedFile): Promise<'there' | 'downloaded'> {
  if ((await digestOf(wanted.path)) === wanted.sha256) return 'there'
  await mkdir(dirname(wanted.path), { recursive: true })
  const part = `${wanted.path}.${process.pid}.tmp`
  const file = await open(part, 'w')
  try {
    await fill(file, wanted)
    await file.sync()
    await file.close()
    await rename(part, wanted.path)
    return 'downloaded'
  } finally {
    await file.close().catch(() => {})
    await rm(part, { force: true })
  }
}

interface State {
  hash: Hash
  bytes: number
}

async function fill(file: FileHandle, wanted: WantedFile): Promise<void> {
  const state: State = { hash: createHash('sha256'), bytes: 0 }
  for (let attempt = 1; ; attempt += 1) {
    const before = state.bytes
    try {
      await take(file, state, wanted)
      break
    } catch (error) {
      if (error instanceof UserError || isOfFiles(error)) throw error
      // the connection was cut behind the last byte
      if (state.bytes === wanted.size) break
      // one that comes no further is not going to; a connection that was lost may have been the only one
      if (attempt >= attempts || (state.bytes === before && !isLost(error)))
        throw new UserError('connection', `cannot download ${wanted.what}`, {
          why: `${wordsOf(error)}, after ${state.bytes} bytes`,
          next: wanted.next,
          cause: error,
        })
      await new Promise((resolve) => setTimeout(resolve, pauseMs * attempt))
    }
  }
  const digest = state.hash.digest('hex')
  if (digest !== wanted.sha256)
    throw untrusted(
      wanted,
      `its SHA-256 is ${digest}, expected ${wanted.sha256}`,
      wanted.doubt && tellDoubted(wanted.what, await wanted.doubt()),
    )
}

/** One answer's share of the file. */
async function take(file: FileHandle, state: State, wanted: WantedFile): Promise<void> {
  const { body, status, headers } = await wanted.open(
    state.bytes === 0 ? {} : { range: `bytes=${state.bytes}-` },
  )
  if (status !== 206 || !headers['content-range']?.startsWith(`bytes ${state.bytes}-`)) {
    if (status === 206) {
      body.destroy()
      throw new Error(`the server sends another part than was asked for: ${headers['content-range']}`)
    }
    await file.truncate(0)
    Object.assign(state, { hash: createHash('sha256'), bytes: 0 })
  }
  const most = wanted.size ?? wanted.maxBytes
  for await (const chunk of body as AsyncIterable<Buffer>) {
    if (state.bytes + chunk.length > most) {
      body.destroy()
      throw untrusted(wanted, `it has more than ${most} bytes`)
    }
    await file.write(chunk, 0, chunk.length, state.bytes)
    state.hash.update(chunk)
    state.bytes += chunk.length
  }
  if (wanted.size !== undefined && state.bytes < wanted.size)
    throw new Error(`${wanted.size} bytes were expected`)
}

const answersInPlace = 'find out who answers there: a proxy or a mirror may answer in place of the file'

const untrusted = ({ what }: WantedFile, why: string, next = answersInPlace): UserError =>
  new UserError('preflight', `${what} cannot be trusted`, { why, next: `${next}; nothing of it was kept` })

/** Errors of this computer's own files, which no other server heals. */
export const isOfFiles = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error &&
  'code' in error &&
  /^(ENOSPC|EDQUOT|EFBIG|EROFS|EACCES|EPERM|EIO|EMFILE|ENFILE|ENOENT|EEXIST|ENOTDIR|EISDIR)$/.test(
    String(error.code),
  ) &&
  'syscall' in error &&
  error.syscall !== 'connect'

/** SHA-256 of a file; undefined when there is none. */
async function digestOf(path: string): Promise<string | undefined> {
  try {
    return await fileDigest(path)
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
