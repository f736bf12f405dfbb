import { createHash } from 'node:crypto'
import { z } from 'zod'
import { UserError } from '../../lib/errors.js'
import { wordsOf } from '../../sources/open-stream.js'
import type { BundleArch } from '../manifest.js'
import type { ImageReference } from './reference.js'
import { NotThere, type RegistryClient, readWhole } from './registry-client.js'

/** A blob as a manifest names it. */
export interface Descriptor {
  mediaType: string
  /** "sha256:…" */
  digest: string
  size: number
}

/** An image of one architecture at the server that has it: everything is held to these digests. */
export interface ResolvedImage {
  reference: string
  arch: BundleArch
  client: RegistryClient
  config: Descriptor
  layers: readonly Descriptor[]
}

/** As registries allow (distribution: 4 MiB). */
const manifestBytes = 4 * 1024 * 1024

/** Of an image: its manifest, and what it has for each architecture (OCI image-spec, Docker's before it). */
const manifestTypes = [
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]
const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
]

const descriptor = z.object({
  mediaType: z.string(),
  digest: z.string().regex(/^sha256:[0-9a-f]{64}$/),
  size: z.int().nonnegative(),
})
const manifestSchema = z.object({ config: descriptor, layers: z.array(descriptor).max(512) })
const indexSchema = z.object({
  manifests: z
    .array(
      descriptor.extend({
        platform: z
          .object({ os: z.string(), architecture: z.string(), variant: z.string().optional() })
          .optional(),
      }),
    )
    .max(1024),
})

/**
 * Finds an image for an architecture at the first of the servers that has it, in their order; one that does not have it or
 * cannot be asked is passed over, and what all of them said is told when none has it. Throws UserError: 'inventory' when
 * it is not found, 'connection', 'preflight' for an answer that cannot be trusted.
 */
export async function resolveImage(
  reference: string,
  { repository, tag }: ImageReference,
  arch: BundleArch,
  clients: readonly RegistryClient[],
): Promise<ResolvedImage> {
  const said: { error: UserError; server: string }[] = []
  for (const client of clients) {
    try {
      return { reference, arch, client, ...(await manifestOf(client, tag, arch, reference)) }
    } catch (error) {
      if (client.options.signal?.aborted) throw error
      if (error instanceof UserError && !(error instanceof NotThere) && error.kind === 'preflight')
        throw error
      const told =
        error instanceof UserError ? error : new UserError('connection', wordsOf(error), { cause: error })
      said.push({ error: told, server: client.name })
    }
  }
  throw notFound(reference, repository, said)
}

function notFound(
  reference: string,
  repository: string,
  said: readonly { error: UserError; server: string }[],
): UserError {
  const [alone, ...others] = said
  // its own words say more than those about several servers
  if (alone && others.length === 0 && alone.error.kind === 'inventory' && !(alone.error instanceof NotThere))
    return alone.error
  const absent = said.length > 0 && said.every(({ error }) => error.kind === 'inventory')
  const other = said.find(({ error }) => error.kind !== 'inventory')?.error
  const why = said
    .map(
      ({ error, server }) =>
        `${server}: ${error instanceof NotThere ? error.why : [error.message, error.why].filter(Boolean).join(': ')}`,
    )
    .join('\n')
  return absent
    ? new UserError('inventory', `${reference} was not found`, {
        why,
        next: 'name a tag that exists in the inventory, or a mirror that has it (registries)',
      })
    : new UserError('connection', `cannot pull ${reference}`, {
        why: why || `no server is asked for ${repository}: registries has neither a mirror nor fallback`,
        next:
          other?.next ??
          'check that this computer reaches it, or name a mirror that has it (registries); caFile, where a private authority signed its certificate',
      })
}

/** The manifest of one architecture, by tag, through an index where there is one. */
async function manifestOf(
  client: RegistryClient,
  tag: string,
  arch: BundleArch,
  reference: string,
): Promise<{ config: Descriptor; layers: readonly Descriptor[] }> {
  const top = await fetchManifest(client, tag, undefined, reference)
  if ('config' in top) return top
  const linux = top.manifests.filter(({ platform }) => platform?.os === 'linux')
  const own = linux.filter(({ platform }) => platform?.architecture === arch)
  const [found] = own.filter(({ platform }) => platform?.variant === undefined || platform.variant === 'v8')
  if (!found)
    throw noArch(
      reference,
      arch,
      linux.flatMap(({ platform }) => platform?.architecture ?? []),
    )
  const inner = await fetchManifest(client, found.digest, found.digest, reference)
  if ('config' in inner) return inner
  throw untrusted(reference, 'an index inside of an index', client)
}

export const noArch = (reference: string, arch: string, others: readonly string[]): UserError =>
  new UserError('inventory', `there is no ${reference} for ${arch}`, {
    why: `it is there for ${[...new Set(others)].join(', ') || 'no architecture of Linux'}`,
    next: 'leave the architecture out (--arch), or name another image in the inventory',
  })

async function fetchManifest(
  client: RegistryClient,
  which: string,
  digest: string | undefined,
  reference: string,
): Promise<z.infer<typeof manifestSchema> | z.infer<typeof indexSchema>> {
  const answer = await client.get(`manifests/${which}`, {
    accept: [...manifestTypes, ...indexTypes].join(', '),
  })
  const bytes = await readWhole(answer, manifestBytes)
  const found = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
  const said = answer.headers['docker-content-digest']
  const wanted = digest ?? (typeof said === 'string' && said.startsWith('sha256:') ? said : undefined)
  if (wanted !== undefined && wanted !== found)
    throw untrusted(reference, `the digest of its manifest is ${found}, expected ${wanted}`, client)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw untrusted(reference, 'its manifest is not JSON', client)
  }
  const type = (answer.headers['content-type'] ?? '').replace(/;.*/, '').trim()
  const isIndex =
    indexTypes.includes(type) || (typeof value === 'object' && value !== null && 'manifests' in value)
  const decoded = (isIndex ? indexSchema : manifestSchema).safeParse(value)
  if (decoded.success) return decoded.data
  throw untrusted(
    reference,
    `its manifest (${type || 'of no type'}) cannot be read: ${decoded.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; ')}`,
    client,
  )
}

export const untrusted = (reference: string, why: string, { name }: RegistryClient): UserError =>
  new UserError('preflight', `${reference} cannot be trusted`, {
    why: `${name}: ${why}`,
    next: 'find out who answers there: a proxy or a mirror may answer in place of the registry; nothing of it was kept',
  })
