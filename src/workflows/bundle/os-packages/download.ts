import { createHash } from 'node:crypto'
import { copyFile, mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ofPackage } from '../../../bundle/check-contents.js'
import type { BundlePackage, SystemPackages } from '../../../bundle/manifest.js'
import { UserError } from '../../../lib/errors.js'
import { fileDigest } from '../../../lib/file-digest.js'
import { type ChosenPackage, readMebibytes } from '../../../os/offline.js'
import { asked, collectingOf, groupArguments, type SystemChoice, strange } from './choose.js'
import { systemOf } from './wishes.js'

export interface DownloadOptions {
  /** Where whole downloads are kept by digest. */
  downloads: string
  /** Where the bundle's files go. */
  into: string
  signal: AbortSignal
  say(line: string): void
}

/**
 * Downloads the chosen packages on their host, and from there into a bundle. Each must be the file that was chosen, by size and
 * digest, and its control data those of the package. Throws UserError: 'step', 'preflight' for a file that is another.
 */
export async function downloadPackages(
  choice: SystemChoice,
  options: DownloadOptions,
): Promise<SystemPackages> {
  const { wish, from, directory, packages } = choice
  const collecting = collectingOf(from)
  const { stdout } = await asked(from, {
    what: 'download packages',
    script: collecting.download,
    args: [directory, ...groupArguments(wish)],
    timeoutMs: 3_600_000,
  })
  const control = controlByFile(stdout.toString())
  const folder = `packages/${[wish.os, wish.version, wish.arch].filter(Boolean).join('-')}`
  const done: BundlePackage[] = []
  for (const one of packages) {
    options.signal.throwIfAborted()
    const fields = collecting.controlOf(control.get(one.from) ?? '', one)
    if (!fields)
      throw strange(from, `control data of ${one.from}: ${control.get(one.from)?.slice(0, 100) ?? 'none'}`)
    const kept = join(options.downloads, one.sha256)
    await bring(choice, one, kept, options.signal)
    const problem = await ofPackage(kept)
    if (problem) throw cannotBeTrusted(choice, one, problem)
    const file = `${folder}/${from.os.offline?.fileOf(one) ?? one.from}`
    await mkdir(dirname(join(options.into, file)), { recursive: true })
    await copyFile(kept, join(options.into, file))
    const { name, version, arch } = one
    done.push({ name, version, arch, file, fileSha256: one.sha256, fileSize: one.size, control: fields })
  }
  if (new Set(done.map(({ file }) => file)).size < done.length)
    throw strange(from, 'two packages whose files have one name')
  const bytes = packages.reduce((sum, { size }) => sum + size, 0)
  options.say(
    `${packages.length} packages for ${systemOf(wish)} are those of ${from.spec.name}: ${(bytes / 1024 / 1024).toFixed(1)} MiB`,
  )
  return { os: wish.os, version: wish.version, arch: wish.arch, format: 'deb', packages: done }
}

/** Of its parts "file NAME" and what follows. */
function controlByFile(said: string): ReadonlyMap<string, string> {
  const parts = said.split(/^file /m).slice(1)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [part.slice(0, end), part.slice(end + 1)]
    }),
  )
}

/** Copies the file of a package from its host; one that an earlier run has kept whole is not asked for. */
async function bring(
  choice: SystemChoice,
  one: ChosenPackage,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await fileDigest(path).catch(() => undefined)) === one.sha256) return
  const { from, directory } = choice
  const part = `${path}.${process.pid}.tmp`
  const file = await open(part, 'w')
  try {
    const hash = createHash('sha256')
    let bytes = 0
    while (bytes < one.size) {
      signal.throwIfAborted()
      const { stdout } = await asked(from, {
        what: `read ${one.from}`,
        script: collectingOf(from).read,
        args: [directory, one.from, String(bytes / 1024 / 1024)],
        timeoutMs: 600_000,
      })
      const expected = Math.min(one.size - bytes, readMebibytes * 1024 * 1024)
      if (stdout.length !== expected)
        throw cannotBeTrusted(choice, one, `it has another size than ${one.size} bytes`)
      hash.update(stdout)
      bytes += stdout.length
      await file.writeFile(stdout)
    }
    const digest = hash.digest('hex')
    if (digest !== one.sha256)
      throw cannotBeTrusted(choice, one, `its SHA-256 is ${digest}, expected ${one.sha256}`)
    await file.sync()
    await rename(part, path)
  } finally {
    await file.close()
    await rm(part, { force: true })
  }
}

const cannotBeTrusted = ({ from }: SystemChoice, { from: file }: ChosenPackage, why: string): UserError =>
  new UserError('preflight', `the package ${file} cannot be trusted`, {
    host: from.spec.name,
    why,
    next: 'run again; no bundle was created',
  })
