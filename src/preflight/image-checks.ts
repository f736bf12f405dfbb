import type { BundleImage } from '../bundle/manifest.js'
import type { Check, Problem } from './check.js'
import type { ImageLook, MissingImage } from './image-look.js'

/** Images that no bundle has, before it is too late to name another. */
export const imageChecks: readonly Check[] = [
  {
    name: 'ImagePull',
    about:
      'Images that are neither in a bundle nor on their nodes come from a registry, which must be within reach.',
    run: ({ bundle }, { images }): Problem[] => {
      const told = new Set<string>()
      // one host stands for all that lack an image for the same reason
      return images
        .flatMap((look) =>
          look.missing.flatMap((image) => problem(look, image, ownOf(bundle.manifest.images, look)) ?? []),
        )
        .filter(({ severity, what }) => {
          const key = `${severity} ${what}`
          return told.has(key) ? false : told.add(key)
        })
    },
  },
]

/** Those for the architecture of the machine that was looked at. */
const ownOf = (images: readonly BundleImage[], { machine }: ImageLook): BundleImage[] =>
  images.filter(({ arch }) => arch === machine.facts.arch)

function problem(look: ImageLook, image: MissingImage, bundled: readonly BundleImage[]): Problem | undefined {
  const { reference, by, key } = image
  const host = look.machine.spec.name
  const name = reference.replace(/:[^:/]*$/, '')
  const tags = bundled
    .map((other) => other.reference)
    .filter((other) => other.startsWith(`${name}:`))
    .map((other) => other.slice(name.length + 1))
  const pulled = bundled.length === 0
  const lacks = pulled
    ? `${reference} (${by}) must be pulled`
    : `${reference} (${by}) is not in the bundle${tags.length > 0 ? `, which has ${tags.join(', ')}` : ''}`
  const instead = `${pulled ? '' : 'add it to the bundle, '}name another (${key}), or a mirror that has it (registries)`
  if (image.servers.some(({ result }) => result === 'open'))
    // without images in a bundle every one is pulled, as it was meant
    return pulled
      ? undefined
      : { host, severity: 'warning', what: lacks, next: `it will be pulled; or ${instead}` }
  const tried = image.servers
    .map(({ name: server, words }) => `${server}${words ? `: ${words}` : ''}`)
    .join('; ')
  if (
    image.servers.length > 0 &&
    (look.proxy !== 'none' || image.onMachine === 'unknown' || !image.servers.every(isOut))
  )
    return {
      host,
      severity: 'warning',
      what: `${lacks}, and whether it can be pulled could not be checked (${reason(look, image) ?? tried})`,
      next: instead,
    }
  return {
    host,
    severity: 'error',
    what: `${lacks}${pulled ? '' : ` and not on ${host}`}, and no registry that has it can be reached${tried ? ` (${tried})` : ''}`,
    next: instead,
  }
}

function reason({ proxy }: ImageLook, { onMachine }: MissingImage): string | undefined {
  if (onMachine === 'unknown') return 'the runtime did not say which images it has'
  return proxy === 'told' ? 'pulling goes through a proxy' : undefined
}

/** Whether an attempt told that there is no way; one that could not be made tells nothing. */
function isOut({ result, words }: MissingImage['servers'][number]): boolean {
  return result !== 'unknown' || /not known|name resolution|no address associated|bad address/i.test(words)
}
