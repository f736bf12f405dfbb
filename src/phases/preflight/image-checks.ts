import { imagesNeeded } from '../../kubernetes/images.js'
import type { Context } from '../context.js'
import { isControlPlane, isNode } from '../machine.js'
import type { Check, Problem } from './check.js'

/** What the bundle brings, before it is too late to name another. */
export const imageChecks: readonly Check[] = [
  {
    name: 'ImagePull',
    about: 'Images that are not in the bundle come from their registry, which must be within reach.',
    run: (context): Problem[] => {
      const { images } = context.bundle.manifest
      const born = context.machines.filter((machine) => isNode(machine) && !machine.facts.kubernetes)
      const [first] = born
      if (!first || images.length === 0) return []
      return neededBy(context, born.some(isControlPlane))
        .filter((reference) => images.every((image) => image.reference !== reference))
        .map((reference) => {
          const name = reference.slice(0, reference.lastIndexOf(':'))
          const others = images
            .map((image) => image.reference)
            .filter((other) => other.startsWith(`${name}:`))
          const has = others.map((other) => other.slice(name.length + 1)).join(', ')
          return {
            host: first.spec.name,
            severity: 'warning',
            what: `${reference} is not in the bundle${has ? `, which has ${has}` : ''}`,
            next: `it will be pulled; or name the bundle's (etcd.imageTag, dns.imageTag), or add it to the bundle`,
          }
        })
    },
  },
]

function neededBy({ spec, release }: Context, controlPlane: boolean): string[] {
  const of = (by: 'control-plane' | 'node'): readonly string[] => imagesNeeded(by, spec, release)
  return [...(controlPlane ? of('control-plane') : []), ...of('node')]
}
