import { UserError } from '../../lib/errors.js'

/** An image's reference in parts (github.com/distribution/reference). */
export interface ImageReference {
  /** "docker.io", "registry.k8s.io" */
  registry: string
  /** "library/busybox" */
  repository: string
  tag: string
}

/**
 * The parts of a reference that the inventory's grammar accepted. Throws UserError('inventory') for one by digest: an
 * archive names images by tag alone.
 */
export function parseReference(reference: string): ImageReference {
  if (reference.includes('@'))
    throw new UserError('inventory', `${reference} cannot be in a bundle`, {
      why: 'archives of images (docker save) name them by tag, and this one is named by digest',
      next: 'name it by a tag; what is in the bundle is held to its digest anyway',
    })
  const [first = '', ...rest] = reference.split('/')
  const named = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost')
  const path = named ? rest.join('/') : reference
  const [, name = path, tag = 'latest'] = /^(.*?)(?::([^/:]*))?$/.exec(path) ?? []
  const registry = named ? first : 'docker.io'
  // Docker Hub's own images are named without their directory
  return {
    registry,
    repository: registry === 'docker.io' && !name.includes('/') ? `library/${name}` : name,
    tag,
  }
}
