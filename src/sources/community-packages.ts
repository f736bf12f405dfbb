import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UserError } from '../lib/errors.js'
import { type FetchOptions, fetchText } from './fetch-text.js'
import { type Bases, kubernetesRepository, sites } from './urls.js'

/** The community's repository of a minor, as package managers are told it, and the key that signs it. */
export interface KubernetesRepository {
  wish: {
    name: string
    url: string
    suite: string
    components: readonly string[]
    signedLists: boolean
    ca?: string
  }
  /** Armored. Undefined: no earlier run kept it, and nobody is asked. */
  key: string | undefined
}

/** The repositories of a minor, for hosts with one format of packages; undefined: none was asked for. */
export type MinorRepositories = Readonly<Partial<Record<'deb' | 'rpm', KubernetesRepository>>>

/** The repositories of each minor that a host installs Kubernetes of. */
export type KubernetesRepositories = Readonly<Record<string, MinorRepositories>>

/** How files of the repository are called on hosts, after kubestrap's own prefix. */
export const kubernetesRepositoryName = 'kubernetes'

/** The packages that a node has: kubelet and kubectl, and kubeadm for people. */
export const kubernetesPackages: readonly string[] = ['kubelet', 'kubectl', 'kubeadm']

const longestKey = 64 * 1024
/** A key is renewed by its makers under the same URL: it is asked for again after a day. */
const freshMs = 24 * 3_600_000

/**
 * The repositories of a minor for these formats. Their keys are fetched here, once, over HTTPS, and kept below `cache`
 * by URL; a kept one that is older than a day serves where the site cannot be reached. Throws UserError as fetchText.
 */
export async function kubernetesRepositories(
  { minor, at, formats }: { minor: string; at: string; formats: readonly ('deb' | 'rpm')[] },
  bases: Bases,
  cache: string,
  options: FetchOptions,
): Promise<MinorRepositories> {
  const entries = [...new Set(formats)].map(async (format) => {
    const { url, key: keyUrl } = kubernetesRepository(bases, minor, format)
    const key = await keyOf(keyUrl, { minor, at }, cache, options)
    const ca = options.ca !== undefined && bases.packages !== sites.packages ? { ca: options.ca } : {}
    const wish = {
      name: kubernetesRepositoryName,
      url,
      // of apt: a repository without suites
      suite: '/',
      components: [],
      signedLists: true,
      ...ca,
    }
    return [format, { wish, key }] as const
  })
  return Object.fromEntries(await Promise.all(entries))
}

async function keyOf(
  url: string,
  { minor, at }: { minor: string; at: string },
  cache: string,
  options: FetchOptions,
): Promise<string | undefined> {
  const path = join(cache, createHash('sha256').update(url).digest('hex'))
  const kept = await readFile(path, 'utf8').catch(() => undefined)
  const age = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0)
  const isFresh = options.keptOnly || (age >= 0 && age < freshMs)
  if (kept !== undefined && isPublicKey(kept) && isFresh) return kept
  if (options.keptOnly) return undefined
  const wanted = {
    url,
    what: `the key of the packages of Kubernetes ${minor}`,
    maxBytes: longestKey,
    missing: {
      kind: 'inventory' as const,
      why: `kubernetes.version is of ${minor} (${at})`,
      next: 'set kubernetes.version to a minor that has packages, or use sources: { kubernetes: download }; or the mirror (sources.mirrors.packages) does not have it',
    },
    next: 'check that this computer reaches it, or name a mirror (sources.mirrors.packages)',
  }
  let text: string
  try {
    text = await fetchText(wanted, options)
  } catch (error) {
    if (kept !== undefined && isPublicKey(kept) && error instanceof UserError && error.kind === 'connection')
      return kept
    throw error
  }
  const key = text.endsWith('\n') ? text : `${text}\n`
  if (!isPublicKey(key))
    throw new UserError('preflight', `${wanted.what} cannot be trusted`, {
      why: `${url} has no armored public key: ${JSON.stringify(text.slice(0, 80))}`,
      next: 'find out who answers there: a proxy or a mirror may answer in place of the file; nothing was changed',
    })
  await keep(path, key)
  return key
}

const isPublicKey = (text: string): boolean =>
  /^-----BEGIN PGP PUBLIC KEY BLOCK-----$/m.test(text) &&
  /^-----END PGP PUBLIC KEY BLOCK-----$/m.test(text) &&
  !text.includes('PRIVATE KEY')

async function keep(path: string, text: string): Promise<void> {
  try {
    await mkdir(join(path, '..'), { recursive: true, mode: 0o700 })
    await writeFile(`${path}.${process.pid}`, text, { mode: 0o600 })
    await rename(`${path}.${process.pid}`, path)
  } catch {
    // a cache that cannot be written costs a request on the next run
  }
}
