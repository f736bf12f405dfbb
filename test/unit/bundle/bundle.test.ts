import { createHash } from 'node:crypto'
import { readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openBundle } from '../../../src/bundle/bundle.js'
import { checkContents } from '../../../src/bundle/check-contents.js'
import { archesOf } from '../../../src/bundle/manifest.js'
import { verifyBundle } from '../../../src/bundle/verify-bundle.js'
import { UserError } from '../../../src/lib/errors.js'
import { imageId, madeUp } from './made-up.js'

let bundle: Awaited<ReturnType<typeof madeUp>>

beforeEach(async () => {
  bundle = await madeUp()
})

afterEach(() => bundle.remove())

/** Opens and verifies; the error, which must be a UserError, or undefined when all is well. */
async function trouble(): Promise<UserError | undefined> {
  try {
    await verifyBundle(await openBundle(bundle.directory), bundle.stamps)
  } catch (error) {
    if (error instanceof UserError) return error
    throw error
  }
  return undefined
}

describe('a bundle that the inventory names by its digest', () => {
  it('is opened when bundle.json is the one, and no other is', async () => {
    const file = join(bundle.directory, 'bundle.json')
    const pin = createHash('sha256')
      .update(await readFile(file))
      .digest('hex')
    expect((await openBundle(bundle.directory, pin)).manifest).toEqual(bundle.manifest)
    // a blank more means nothing, and is another file
    await writeFile(file, `${await readFile(file, 'utf8')} `)
    await expect(openBundle(bundle.directory, pin)).rejects.toMatchObject({
      kind: 'preflight',
      message: `${file} is not the one the inventory names`,
      why: expect.stringContaining(`binaries.sha256 says ${pin}`),
    })
  })
})

describe('a bundle that was written', () => {
  it('is opened as it was written, and can be trusted', async () => {
    const opened = await openBundle(bundle.directory)
    expect(opened.manifest).toEqual(bundle.manifest)
    expect(await trouble()).toBeUndefined()
  })

  it('tells of each program what lies there and what will be installed', async () => {
    const opened = await openBundle(bundle.directory)
    const kubelet = opened.binary('kubelet', 'amd64')
    const text = 'a kubelet\n'.repeat(1000)
    const lies = await readFile(opened.path(kubelet))
    expect(gunzipSync(lies).toString()).toBe(text)
    expect(kubelet).toEqual({
      name: 'kubelet',
      arch: 'amd64',
      file: 'bin/kubelet.gz',
      fileSha256: createHash('sha256').update(lies).digest('hex'),
      fileSize: lies.length,
      sha256: createHash('sha256').update(text).digest('hex'),
      size: text.length,
    })
  })

  it('finds images by what needs them', async () => {
    const opened = await openBundle(bundle.directory)
    expect(opened.imagesFor('control-plane', 'amd64')).toEqual([
      expect.objectContaining({ reference: 'r/api:v1', id: imageId, fileSize: 'an archive'.length }),
    ])
    expect(opened.imagesFor('node', 'amd64')).toEqual([])
  })

  it('says so when it lacks a program', async () => {
    const opened = await openBundle(bundle.directory)
    expect(() => opened.binary('kubeadm', 'amd64')).toThrow(
      `the bundle ${bundle.directory} has no kubeadm for amd64`,
    )
  })

  it('can be trusted again from the stamps, and without a place for them', async () => {
    expect(await trouble()).toBeUndefined()
    expect((await readFile(bundle.stamps, 'utf8')).trim().split('\n')).toHaveLength(3)
    expect(await trouble()).toBeUndefined()
    bundle.stamps = join(bundle.directory, 'bundle.json', 'no', 'place')
    expect(await trouble()).toBeUndefined()
  })
})

describe('what is inside of files whose digests are right', () => {
  it('is looked at: archives that are none, and programs that are others', async () => {
    const opened = await openBundle(bundle.directory)
    expect(await checkContents(opened)).toEqual([
      'images/api.tar.gz: cannot be unpacked: incorrect header check',
    ])
    const { manifest } = opened
    const wrong = {
      ...opened,
      manifest: {
        ...manifest,
        images: [],
        binaries: manifest.binaries.map((entry, i) =>
          i === 0 ? { ...entry, sha256: 'b'.repeat(64) } : { ...entry, size: entry.size - 1 },
        ),
      },
    }
    expect(await checkContents(wrong)).toEqual([
      expect.stringMatching(/^bin\/kubelet\.gz: unpacked its SHA-256 is [0-9a-f]{64}, expected b+$/),
      'bin/kubectl.gz: unpacked it has 10 bytes, expected 9',
    ])
  })
})

describe('a file that is not what the manifest says', () => {
  const kubelet = (): string => join(bundle.directory, 'bin/kubelet.gz')

  /** Flips a byte in the middle and puts the times back, as a failing disk or a careful forger would. */
  async function flip(): Promise<void> {
    const { atime, mtime } = await stat(kubelet())
    const { ctimeNs } = await stat(kubelet(), { bigint: true })
    const bytes = await readFile(kubelet())
    const middle = Math.floor(bytes.length / 2)
    bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
    await writeFile(kubelet(), bytes)
    // the kernel's clock for files ticks a few milliseconds apart
    do await utimes(kubelet(), atime, mtime)
    while ((await stat(kubelet(), { bigint: true })).ctimeNs === ctimeNs)
  }

  it('is found by its digest', async () => {
    await flip()
    const error = await trouble()
    expect(error).toMatchObject({
      kind: 'preflight',
      message: `a file of the bundle ${bundle.directory} cannot be trusted`,
      next: 'nothing was changed; download or create the bundle again',
    })
    const wanted = bundle.manifest.binaries[0]?.fileSha256
    expect(error?.why).toMatch(new RegExp(`^bin/kubelet.gz: SHA-256 [0-9a-f]{64}, expected ${wanted}$`))
  })

  it('is found with the same size and times although it was read before', async () => {
    // a time that utimes can put back to the nanosecond
    await utimes(kubelet(), 1_600_000_000, 1_600_000_000)
    const before = await stat(kubelet(), { bigint: true })
    expect(await trouble()).toBeUndefined()
    await flip()
    const after = await stat(kubelet(), { bigint: true })
    expect([after.ino, after.size, after.mtimeNs]).toEqual([before.ino, before.size, before.mtimeNs])
    expect((await trouble())?.why).toContain('bin/kubelet.gz: SHA-256')
  })

  it('stays found: a bad file leaves no stamp that hides it', async () => {
    await flip()
    expect(await trouble()).toBeDefined()
    expect(await trouble()).toBeDefined()
  })

  it('is found by its size when it was cut short', async () => {
    const size = bundle.manifest.binaries[0]?.fileSize ?? 0
    await truncate(kubelet(), size - 1)
    expect((await trouble())?.why).toBe(`bin/kubelet.gz: ${size - 1} bytes, expected ${size}`)
  })

  it('is found when it is not there', async () => {
    await rm(kubelet())
    expect((await trouble())?.why).toBe('bin/kubelet.gz: not found')
  })

  it('is told together with the others', async () => {
    await rm(kubelet())
    await writeFile(join(bundle.directory, 'images/api.tar.gz'), 'another')
    const error = await trouble()
    expect(error?.message).toBe(`2 files of the bundle ${bundle.directory} cannot be trusted`)
    expect(error?.why).toBe('bin/kubelet.gz: not found\nimages/api.tar.gz: 7 bytes, expected 10')
  })

  it('is not believed from stamps that are rubbish', async () => {
    expect(await trouble()).toBeUndefined()
    await flip()
    await writeFile(bundle.stamps, 'rubbish\n\0\n')
    expect(await trouble()).toBeDefined()
  })
})

describe('a manifest', () => {
  const file = (): string => join(bundle.directory, 'bundle.json')

  /** Opens the bundle with its manifest changed. */
  async function withManifest(
    change: (manifest: Record<string, unknown>) => void,
  ): Promise<UserError | undefined> {
    const manifest: Record<string, unknown> = { ...structuredClone(bundle.manifest) }
    change(manifest)
    await writeFile(file(), JSON.stringify(manifest))
    return trouble()
  }

  it.each(['r/api:v1\nfile /etc', 'r/api:v1\rx', 'r/api v1', '-r/api', '$(x)', '../api:1', 'R/api'])(
    'that names the image %j is refused: it would stand in ledgers and commands',
    async (reference) => {
      const error = await withManifest((manifest) => {
        manifest.images = bundle.manifest.images.map((image) => ({ ...image, reference }))
      })
      expect(error).toMatchObject({
        kind: 'inventory',
        why: 'images.0.reference: not the reference of an image',
      })
    },
  )

  it.each(['kube let', '../kubelet', 'a\nb', ''])('that names the program %j is refused', async (name) => {
    const error = await withManifest((manifest) => {
      manifest.binaries = bundle.manifest.binaries.map((binary) => ({ ...binary, name }))
    })
    expect(error?.why).toContain('binaries.0.name: not the name of a program')
  })

  it.each(['../x', 'bin/../../x', '/etc/passwd', '..', 'bin/../..', 'a\nb', ''])(
    'that names the file %s outside the bundle is refused',
    async (outside) => {
      const error = await withManifest((manifest) => {
        manifest.images = bundle.manifest.images.map((image) => ({ ...image, file: outside }))
      })
      expect(error).toMatchObject({
        kind: 'inventory',
        message: `${file()} is not the manifest of a bundle`,
        why: 'images.0.file: not a plain path below the bundle',
      })
    },
  )

  it('may name a file that begins with two dots', async () => {
    await writeFile(join(bundle.directory, '..api.tar.gz'), 'an archive')
    const error = await withManifest((manifest) => {
      manifest.images = bundle.manifest.images.map((image) => ({ ...image, file: '..api.tar.gz' }))
    })
    expect(error).toBeUndefined()
  })

  it('that is not there is told with what to write instead', async () => {
    await rm(file())
    expect(await trouble()).toMatchObject({
      kind: 'inventory',
      message: `no bundle found at ${bundle.directory}`,
      next: expect.stringContaining('binaries.bundle'),
    })
  })

  it.each(['', '{', 'nonsense', '{"format": 1,}'])('that is %j is no JSON', async (text) => {
    await writeFile(file(), text)
    expect(await trouble()).toMatchObject({ kind: 'inventory', message: `${file()} is not JSON` })
  })

  it.each(['null', '[]', '5', '{}'])('that is %j is none', async (text) => {
    await writeFile(file(), text)
    expect(await trouble()).toMatchObject({
      kind: 'inventory',
      message: `${file()} is not the manifest of a bundle`,
    })
  })

  it('of format 1 is read: its architecture is that of every entry', async () => {
    const plain = ({ arch: _, ...entry }: { arch: string }): object => entry
    const { kubernetesVersion, binaries, images } = bundle.manifest
    const old = {
      format: 1,
      kubernetesVersion,
      arch: 'arm64',
      binaries: binaries.map(plain),
      images: images.map(plain),
    }
    await writeFile(file(), JSON.stringify(old))
    const opened = await openBundle(bundle.directory)
    expect(archesOf(opened.manifest)).toEqual(['arm64'])
    expect(opened.binary('kubelet', 'arm64').file).toBe('bin/kubelet.gz')
    expect(() => opened.binary('kubelet', 'amd64')).toThrow('has no kubelet for amd64')
    expect(opened.imagesFor('control-plane', 'arm64')).toHaveLength(1)
    expect(opened.imagesFor('control-plane', 'amd64')).toEqual([])
    expect(await trouble()).toBeUndefined()
    await writeFile(file(), JSON.stringify({ ...old, arch: 'mips' }))
    expect((await trouble())?.why).toMatch(/^arch: /)
  })

  describe('with packages of the distribution', () => {
    const socat = {
      name: 'socat',
      version: '1:1.7~rc1',
      arch: 'amd64',
      file: 'images/api.tar.gz',
      fileSha256: 'a'.repeat(64),
      fileSize: 10,
      control: { Depends: 'libc6 (>= 2.34)' } as Record<string, string>,
    }
    const withPackage = (edit: (one: typeof socat) => void) =>
      withManifest((manifest) => {
        const one = structuredClone(socat)
        edit(one)
        const system = { os: 'debian', version: '12', arch: 'amd64', format: 'deb', packages: [one] }
        Object.assign(manifest, { format: 3, packages: [system] })
      })

    it('has their files checked as any other', async () => {
      expect((await withPackage(() => {}))?.why).toMatch(/^images\/api\.tar\.gz: SHA-256 .*, expected aaaa/)
      const opened = await openBundle(bundle.directory)
      expect((await checkContents(opened)).join()).toContain('images/api.tar.gz: it is not a package (deb)')
    })

    it.each<[string, (one: typeof socat) => void]>([
      [
        'a name that is an option',
        (one) => {
          one.name = '-o'
        },
      ],
      [
        'a version with a quote',
        (one) => {
          one.version = "1'"
        },
      ],
      [
        'another architecture',
        (one) => {
          one.arch = 'mips'
        },
      ],
      [
        'a file elsewhere',
        (one) => {
          one.file = '../socat.deb'
        },
      ],
      [
        'control data with a line feed',
        (one) => {
          one.control = { Depends: 'a\nFilename: /etc/shadow' }
        },
      ],
      [
        'a field with a colon',
        (one) => {
          one.control = { 'Depends: x': 'a' }
        },
      ],
    ])('refuses %s', async (_, edit) => {
      expect((await withPackage(edit))?.why).toMatch(/^packages\.0\.packages\.0\./)
    })
  })

  it('of a newer format asks for a newer kubestrap', async () => {
    const error = await withManifest((manifest) => {
      manifest.format = 4
      manifest.surprise = true
    })
    expect(error).toMatchObject({
      message: `${file()} has format 4`,
      next: 'it was created by a newer kubestrap: use that version',
    })
  })

  it.each<[field: string, wrong: () => Record<string, unknown>]>([
    ['kubernetesVersion', () => ({ kubernetesVersion: 'v1.20' })],
    ['binaries.0.arch', () => ({ binaries: [{ ...bundle.manifest.binaries[0], arch: 'mips' }] })],
    ['binaries.0.fileSha256', () => ({ binaries: [{ ...bundle.manifest.binaries[0], fileSha256: 'AB' }] })],
    ['binaries.0.size', () => ({ binaries: [{ ...bundle.manifest.binaries[0], size: -1 }] })],
    ['images.0.needs', () => ({ images: [{ ...bundle.manifest.images[0], needs: 'me' }] })],
    ['images.0.id', () => ({ images: [{ ...bundle.manifest.images[0], id: 'md5:1' }] })],
    ['images', () => ({ images: undefined })],
  ])('with a wrong %s names it', async (field, wrong) => {
    const error = await withManifest((manifest) => Object.assign(manifest, wrong()))
    expect(error?.why?.split('\n').map((line) => line.split(':')[0])).toEqual([field])
  })
})
