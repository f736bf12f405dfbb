import { createHash } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gunzipSync } from 'node:zlib'
import { extract } from 'tar-stream'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { writeImageArchive } from '../../../src/lab/binaries/image-archive.js'

let directory: string

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'kubestrap-image-'))
})

afterEach(() => rm(directory, { recursive: true, force: true }))

interface Entry {
  type: string
  mode: string
  owner: string
  mtime: number
  link?: string
  body: Buffer
}

async function entriesOf(tar: Buffer): Promise<Map<string, Entry>> {
  const found = new Map<string, Entry>()
  for await (const entry of Readable.from([tar]).pipe(extract())) {
    const parts: Buffer[] = []
    for await (const part of entry) if (Buffer.isBuffer(part)) parts.push(part)
    const { name, type, mode = 0, uid, gid, mtime, linkname } = entry.header
    found.set(name, {
      type: String(type),
      mode: mode.toString(8),
      owner: `${uid}:${gid}`,
      mtime: mtime?.getTime() ?? Number.NaN,
      ...(linkname ? { link: linkname } : {}),
      body: Buffer.concat(parts),
    })
  }
  return found
}

/** A file system with a program, a link and an empty directory, made in the order given. */
async function root(name: string, order: readonly string[]): Promise<string> {
  const at = join(directory, name)
  await mkdir(join(at, 'usr/bin'), { recursive: true })
  for (const file of order) await writeFile(join(at, 'usr/bin', file), `I am ${file}`, { mode: 0o755 })
  await symlink('pause', join(at, 'usr/bin/link'))
  await mkdir(join(at, 'tmp'))
  await chmod(join(at, 'tmp'), 0o1777)
  return at
}

it('an archive is what docker load reads: manifest, configuration, one layer', async () => {
  const from = await root('a', ['pause', 'sleep'])
  const file = join(directory, 'image.tar.gz')
  const id = await writeImageArchive(
    { reference: 'r/pause:3', root: from, entrypoint: ['/usr/bin/pause'], arch: 'amd64' },
    file,
  )

  const archive = await entriesOf(gunzipSync(await readFile(file)))
  const json = (name: string): unknown => JSON.parse(archive.get(name)?.body.toString() ?? 'null')
  const layerName = [...archive.keys()].find((name) => name.endsWith('/layer.tar')) ?? ''
  const layer = archive.get(layerName)?.body ?? Buffer.alloc(0)
  const configName = `${id.replace('sha256:', '')}.json`

  expect([...archive.keys()]).toEqual(['manifest.json', configName, layerName])
  expect(json('manifest.json')).toEqual([
    { Config: configName, RepoTags: ['r/pause:3'], Layers: [layerName] },
  ])
  expect(id).toBe(`sha256:${sha256(archive.get(configName)?.body ?? '')}`)
  expect(json(configName)).toMatchObject({
    architecture: 'amd64',
    os: 'linux',
    config: { Entrypoint: ['/usr/bin/pause'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(layer)}`] },
  })

  const inside = await entriesOf(layer)
  expect(
    [...inside].map(([name, { type, mode, owner, mtime, link }]) => [name, type, mode, owner, mtime, link]),
  ).toEqual([
    ['tmp/', 'directory', '1777', '0:0', 0, undefined],
    ['usr/', 'directory', '755', '0:0', 0, undefined],
    ['usr/bin/', 'directory', '755', '0:0', 0, undefined],
    ['usr/bin/link', 'symlink', '777', '0:0', 0, 'pause'],
    ['usr/bin/pause', 'file', '755', '0:0', 0, undefined],
    ['usr/bin/sleep', 'file', '755', '0:0', 0, undefined],
  ])
  expect(inside.get('usr/bin/pause')?.body.toString()).toBe('I am pause')
})

it('the same files give the same bytes and the same id, whenever and in whatever order they were made', async () => {
  const [one, other] = [await root('a', ['pause', 'sleep']), await root('b', ['sleep', 'pause'])]
  await utimes(join(other, 'usr/bin/pause'), 1000, 2000)
  const files = [join(directory, '1.tar.gz'), join(directory, '2.tar.gz')] as const
  const ids = [
    await writeImageArchive({ reference: 'r/x:1', root: one, arch: 'amd64' }, files[0]),
    await writeImageArchive({ reference: 'r/x:1', root: other, arch: 'amd64' }, files[1]),
  ]
  expect(ids[0]).toBe(ids[1])
  expect((await readFile(files[0])).equals(await readFile(files[1]))).toBe(true)
})

it('another file gives another id', async () => {
  const [one, other] = [await root('a', ['pause']), await root('b', ['pause'])]
  await writeFile(join(other, 'usr/bin/pause'), 'I am PAUSE')
  const write = (from: string) =>
    writeImageArchive({ reference: 'r/x:1', root: from, arch: 'amd64' }, join(directory, 'x.gz'))
  expect(await write(one)).not.toBe(await write(other))
})

it('nothing but the archive is left behind', async () => {
  const from = await root('a', ['pause'])
  await writeImageArchive({ reference: 'r/x:1', root: from, arch: 'amd64' }, join(directory, 'x.tar.gz'))
  expect((await readdir(directory)).sort()).toEqual(['a', 'x.tar.gz'])
})

function sha256(of: Buffer | string): string {
  return createHash('sha256').update(of).digest('hex')
}
