import { z } from 'zod'
import { UserError } from '../lib/errors.js'
import { imageReference } from '../lib/grammar/image.js'
import { type BundleManifest, bundleArches } from './manifest.js'

/** "images/kube-proxy.tar.gz": below the bundle, of characters that mean nothing elsewhere. */
const file = z
  .string()
  .regex(
    /^(?!\.\.?(?:\/|$))[A-Za-z0-9._+@-]+(?:\/(?!\.\.?(?:\/|$))[A-Za-z0-9._+@-]+)*$/,
    'not a plain path below the bundle',
  )
const name = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'not the name of a program')
/** It is written into each host's ledger, and given to runtimes as it is. */
const reference = z.string().refine(imageReference.accepts, 'not the reference of an image')
const digest = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in hex')
const stored = { file, fileSha256: digest, fileSize: z.int().positive() }

const arch = z.enum(bundleArches)
const version = z.string().regex(/^\d+\.\d+\.\d+$/, 'not a version like 1.20.2')

const binary = z.strictObject({ name, ...stored, sha256: digest, size: z.int().positive() })
const image = z.strictObject({
  reference,
  ...stored,
  id: z.string().regex(/^sha256:[0-9a-f]{64}$/, 'not an image id'),
  needs: z.enum(['control-plane', 'node', 'verify']),
})

/** One architecture for all. */
const first = z
  .strictObject({
    format: z.literal(1),
    kubernetesVersion: version,
    arch,
    binaries: z.array(binary),
    images: z.array(image),
  })
  .transform(({ arch, binaries, images, ...own }): BundleManifest => {
    const named = <T extends object>(entry: T) => ({ ...entry, arch })
    return { ...own, format: 2, binaries: binaries.map(named), images: images.map(named) }
  })

const second = z.strictObject({
  format: z.literal(2),
  kubernetesVersion: version,
  binaries: z.array(binary.extend({ arch })),
  images: z.array(image.extend({ arch })),
}) satisfies z.ZodType<BundleManifest>

const packaged = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9+.-]+$/, 'not the name of a package'),
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+:~-]*$/, 'not the version of a package'),
  arch: z.enum([...bundleArches, 'all']),
  ...stored,
  // they become lines of a file on hosts
  control: z.record(
    z.string().regex(/^[A-Z][A-Za-z-]*$/, 'not a field of control data'),
    z.string().regex(/^[\x21-\x7e][\x20-\x7e]*$/, 'not one line'),
  ),
})

/** ID and VERSION_ID of a system, which name a directory of the bundle. */
export const systemId = /^[a-z0-9][a-z0-9_-]*$/
export const systemVersion = /^(?:[a-z0-9][a-z0-9._-]*)?$/

const third = second.extend({
  format: z.literal(3),
  packages: z.array(
    z.strictObject({
      os: z.string().regex(systemId, 'not the ID of a system'),
      version: z.string().regex(systemVersion, 'not the VERSION_ID of a system'),
      arch,
      format: z.literal('deb'),
      packages: z.array(packaged),
    }),
  ),
}) satisfies z.ZodType<BundleManifest>

const formats = { 1: first, 2: second, 3: third }
const newest = 3

/** The manifest of a bundle, of any format. Throws UserError('inventory') naming file and field. */
export function decodeManifest(text: string, file: string): BundleManifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new UserError('inventory', `${file} is not JSON`, {
      why: String(error),
      next: 'create the bundle again',
    })
  }
  const format = typeof value === 'object' && value !== null && 'format' in value ? value.format : undefined
  if (typeof format === 'number' && format > newest)
    throw new UserError('inventory', `${file} has format ${format}`, {
      next: 'it was created by a newer kubestrap: use that version',
    })
  const decoded = formats[format === 1 || format === 3 ? format : 2].safeParse(value)
  if (decoded.success) return decoded.data
  const lines = decoded.error.issues.map((issue) => `${issue.path.join('.') || 'manifest'}: ${issue.message}`)
  throw new UserError('inventory', `${file} is not the manifest of a bundle`, {
    why: lines.join('\n'),
    next: 'create the bundle again',
  })
}
