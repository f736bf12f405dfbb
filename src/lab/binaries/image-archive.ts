import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { lstat, readdir, readlink, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { type Pack, pack as tarPack } from 'tar-stream'
import { writeDockerArchive } from '../../bundle/docker-archive.js'

export interface ImageSource {
  reference: string
  /** Directory that becomes the image's file system. */
  root: string
  entrypoint?: readonly string[]
  arch: string
}

/**
 * Writes a docker-archive (what `docker save` writes and `docker load` and `ctr images import`
 * read) of one image with one layer. The same input gives the same bytes and the same id: times
 * are 0, owners root, entries sorted.
 * Returns the image's id, "sha256:" and the digest of its configuration.
 */
export async function writeImageArchive(image: ImageSource, file: string): Promise<string> {
  const layer = `${file}.layer`
  const diffId = await writeLayer(image.root, layer)
  const config = JSON.stringify({
    architecture: image.arch,
    config: {
      Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
      ...(image.entrypoint ? { Entrypoint: image.entrypoint } : {}),
    },
    created: '1970-01-01T00:00:00Z',
    history: [{ created: '1970-01-01T00:00:00Z', created_by: 'kubestrap lab' }],
    os: 'linux',
    rootfs: { type: 'layers', diff_ids: [`sha256:${diffId}`] },
  })
  const id = createHash('sha256').update(config).digest('hex')
  await writeDockerArchive(
    { reference: image.reference, config: Buffer.from(config), id, layers: [{ diffId, file: layer }] },
    file,
  )
  await rm(layer)
  return `sha256:${id}`
}

/** Writes the layer's tar. Returns its digest, hex. */
async function writeLayer(root: string, file: string): Promise<string> {
  const tar = tarPack()
  const hash = createHash('sha256')
  const hashed = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk)
      done(null, chunk)
    },
  })
  const written = pipeline(tar, hashed, createWriteStream(file))
  await addTree(tar, root, '')
  tar.finalize()
  await written
  return hash.digest('hex')
}

async function addTree(tar: Pack, root: string, path: string): Promise<void> {
  for (const name of (await readdir(join(root, path))).sort()) {
    const inside = path === '' ? name : `${path}/${name}`
    const full = join(root, inside)
    const stat = await lstat(full)
    const mode = stat.mode & 0o7777
    if (stat.isSymbolicLink())
      await addEntry(tar, { name: inside, type: 'symlink', linkname: await readlink(full), mode: 0o777 })
    else if (stat.isDirectory()) {
      await addEntry(tar, { name: `${inside}/`, type: 'directory', mode })
      await addTree(tar, root, inside)
    } else if (stat.isFile()) await addStream(tar, { name: inside, size: stat.size, mode }, full)
  }
}

interface Entry {
  name: string
  size?: number
  mode: number
  type?: 'symlink' | 'directory'
  linkname?: string
}

const fixed = { uid: 0, gid: 0, mtime: new Date(0) }

function addEntry(tar: Pack, entry: Entry): Promise<void> {
  return new Promise((resolve, reject) => {
    tar.entry({ ...entry, ...fixed }, (error) => (error ? reject(error) : resolve()))
  })
}

async function addStream(tar: Pack, entry: Entry, file: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const sink = tar.entry({ ...entry, ...fixed }, (error) => (error ? reject(error) : resolve()))
    pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), sink).catch(reject)
  })
}
