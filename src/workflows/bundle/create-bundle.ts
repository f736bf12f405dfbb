import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { type Bundle, openBundle } from '../../bundle/bundle.js'
import { type BundleArch, type BundleManifest, filesOf, type SystemPackages } from '../../bundle/manifest.js'
import { onlyOne } from '../../bundle/only-one.js'
import { verifyBundle } from '../../bundle/verify-bundle.js'
import { writeManifest } from '../../bundle/write-bundle.js'
import { thisOperator } from '../../host/operator.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { UserError } from '../../lib/errors.js'
import { isOfFiles } from '../../sources/download-file.js'
import { readCertificates, readRegistries } from '../../steps/programs/registries.js'
import { bundleWish } from './bundle-wish.js'
import { downloadContents } from './download-contents.js'
import { forget, type SystemChoice } from './os-packages/choose.js'
import { downloadPackages } from './os-packages/download.js'
import { choosePackages, type PackageHosts } from './os-packages/hosts.js'
import { systemOf } from './os-packages/wishes.js'
import { type BundleContents, resolveContents } from './resolve-contents.js'

export interface CreateOptions {
  /** Absolute. */
  directory: string
  arches: readonly BundleArch[]
  /** Whether a bundle with other contents that is there makes way. */
  replace: boolean
  /** Hosts that are asked for packages of the distribution; absent: there are none in the bundle. */
  packagesFrom?: PackageHosts
  say(line: string): void
  signal?: AbortSignal
  /** How long a server may give nothing. Default 30 000. */
  idleMs?: number
}

const defaultIdleMs = 30_000

/**
 * Creates the bundle of an inventory, from the sites and registries that its hosts would ask. It appears at once when it is
 * whole; until then whole downloads are kept beside it, in DIRECTORY.part, for the next run. One that is there with the same
 * contents stays untouched.
 * Throws UserError: 'inventory' for what does not exist, 'connection', 'preflight' for what cannot be trusted, 'usage' for a
 * directory that has something else, 'step' where it cannot be written.
 */
export async function createBundle(spec: ClusterSpec, options: CreateOptions): Promise<'created' | 'exists'> {
  const { directory } = options
  try {
    return await create(spec, options)
  } catch (error) {
    if (!isOfFiles(error)) throw error
    throw new UserError('step', `cannot write the bundle ${directory}`, {
      why: error.message,
      next: `${error.code === 'ENOSPC' ? 'free disk space, or name a directory with more; ' : ''}what is there whole is kept in ${directory}.part: run again`,
      cause: error,
    })
  }
}

async function create(spec: ClusterSpec, options: CreateOptions): Promise<'created' | 'exists'> {
  const { directory, arches, say, signal, idleMs = defaultIdleMs } = options
  const wish = bundleWish(spec)
  const there = await bundleAt(directory)
  const [ca, registries] = await Promise.all([
    authorityOf(spec),
    readRegistries(spec, thisOperator().secrets),
  ])
  say(
    `looking for ${wish.programs.length + wish.files.length} programs and ${wish.images.length} images of Kubernetes ${spec.version} for ${arches.join(' and ')}`,
  )
  const contents = await resolveContents(spec, wish, { arches, ca, registries, idleMs, signal })
  const choices = await choosePackages(spec, options)
  try {
    return await createOf(spec, { contents, choices, there, ca }, { ...options, idleMs })
  } finally {
    await Promise.all(choices.map(forget))
  }
}

/** What will be in a bundle, and what is there now. */
interface Wanted {
  contents: BundleContents
  choices: readonly SystemChoice[]
  there: Bundle | undefined
  ca: string | undefined
}

async function createOf(
  spec: ClusterSpec,
  { contents: resolved, choices, there, ca }: Wanted,
  { directory, replace, say, signal, idleMs }: CreateOptions & { idleMs: number },
): Promise<'created' | 'exists'> {
  const contents = { ...resolved, choices }
  if (there && (await isSame(there, spec.version, contents, say))) return 'exists'
  if (there && !replace)
    throw new UserError('usage', `${directory} has a bundle with other contents`, {
      why: differenceOf(there.manifest, spec.version, contents),
      next: 'name another directory, or use --replace',
    })
  if (there) await refuseStrangers(there)
  const part = `${directory}.part`
  const [downloads, into] = [join(part, 'downloads'), join(part, 'bundle')]
  await mkdir(downloads, { recursive: true })
  await onlyOne(join(part, 'lock'), directory, async () => {
    await removeHalves(downloads)
    await rm(into, { recursive: true, force: true })
    await mkdir(into)
    const stop = new AbortController()
    const whole = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal
    const files = await downloadContents(contents, { downloads, into, ca, idleMs, signal: whole, say })
    const packages: SystemPackages[] = []
    // one after the other: systems have files in common
    for (const choice of choices)
      packages.push(await downloadPackages(choice, { downloads, into, signal: whole, say }))
    await writeManifest(into, {
      format: packages.length > 0 ? 3 : 2,
      kubernetesVersion: spec.version,
      ...files,
      ...(packages.length > 0 ? { packages } : {}),
    })
    // hosts may lie: what is no bundle replaces none
    await openBundle(into)
    await inPlaceOf(directory, into, there)
  })
  await rm(part, { recursive: true, force: true })
  return 'created'
}

const authorityOf = async ({ sources: { caCertificate }, at }: ClusterSpec): Promise<string | undefined> =>
  caCertificate === undefined
    ? undefined
    : readCertificates(caCertificate, `sources.caCertificate, ${at('sources.caCertificate')}`)

/** The bundle in a directory; undefined where there is nothing. Throws UserError('usage') for anything else. */
async function bundleAt(directory: string): Promise<Bundle | undefined> {
  const inside = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (inside === undefined || inside.length === 0) return undefined
  if (inside.includes('bundle.json')) return openBundle(directory)
  throw new UserError('usage', `${directory} has files, and no bundle`, {
    why: inside.slice(0, 5).join(', '),
    next: 'name a directory that does not exist yet',
  })
}

/** Whether a bundle has these contents, and its files are what it says. */
async function isSame(
  bundle: Bundle,
  version: string,
  contents: AllContents,
  say: (line: string) => void,
): Promise<boolean> {
  const { manifest } = bundle
  const [has, wanted] = [linesOf(manifest), linesOfContents(version, contents)]
  if (has.join('\n') !== wanted.join('\n')) return false
  try {
    await verifyBundle(bundle)
    return true
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    say(`${error.message}: ${error.why ?? ''}`)
    return false
  }
}

/** With packages of the distribution. */
type AllContents = BundleContents & { choices: readonly SystemChoice[] }

const linesOf = ({ kubernetesVersion, binaries, images, packages = [] }: BundleManifest): string[] =>
  [
    `Kubernetes ${kubernetesVersion}`,
    ...binaries.map(({ name, arch, sha256 }) => `${name} for ${arch}: ${sha256}`),
    ...images.map(({ reference, arch, id, needs }) => `${reference} for ${arch} (${needs}): ${id}`),
    ...packages.flatMap((system) =>
      system.packages.map((one) => packageLine(system, { ...one, sha256: one.fileSha256 })),
    ),
  ].sort()

const packageLine = (
  system: Parameters<typeof systemOf>[0],
  { name, version, sha256 }: { name: string; version: string; sha256: string },
): string => `${name} ${version} for ${systemOf(system)}: ${sha256}`

const linesOfContents = (version: string, { programs, images, choices }: AllContents): string[] =>
  [
    `Kubernetes ${version}`,
    ...programs.map(({ name, arch, sha256 }) => `${name} for ${arch}: ${sha256}`),
    ...images.map(
      ({ needs, image: { reference, arch, config } }) =>
        `${reference} for ${arch} (${needs}): ${config.digest}`,
    ),
    ...choices.flatMap(({ wish, packages }) => packages.map((one) => packageLine(wish, one))),
  ].sort()

function differenceOf(manifest: BundleManifest, version: string, contents: AllContents): string {
  const [has, wanted] = [linesOf(manifest), linesOfContents(version, contents)]
  const lines = [
    ...has.filter((line) => !wanted.includes(line)).map((line) => `- ${line}`),
    ...wanted.filter((line) => !has.includes(line)).map((line) => `+ ${line}`),
  ]
  const most = 12
  const more = lines.length > most ? [`and ${lines.length - most} more`] : []
  return [...lines.slice(0, most), ...more].join('\n') || 'files of it are not what bundle.json says'
}

/** Nothing but a bundle is deleted. Throws UserError('usage'). */
async function refuseStrangers({ directory, manifest }: Bundle): Promise<void> {
  const own = new Set(['bundle.json', ...filesOf(manifest).map(({ file }) => file)])
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const strange = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .filter((file) => !own.has(file))
  if (strange.length > 0)
    throw new UserError('usage', `${directory} has files that are no part of its bundle`, {
      why: strange.slice(0, 5).join(', '),
      next: 'move them away, or name another directory',
    })
}

/** What a run that was killed left beside whole downloads, which are named by digest. */
async function removeHalves(downloads: string): Promise<void> {
  const names = await readdir(downloads)
  const halves = names.filter((name) => !/^[0-9a-f]{64}$/.test(name))
  await Promise.all(halves.map((name) => rm(join(downloads, name), { recursive: true, force: true })))
}

async function inPlaceOf(directory: string, whole: string, there: Bundle | undefined): Promise<void> {
  await mkdir(dirname(directory), { recursive: true })
  if (!there) {
    // an empty directory that was there is replaced by rename(2)
    await rename(whole, directory)
    return
  }
  const old = join(`${directory}.part`, 'old')
  await rename(directory, old)
  await rename(whole, directory).catch(async (error: unknown) => {
    if (!(await stat(directory).catch(() => undefined))) await rename(old, directory)
    throw error
  })
}
