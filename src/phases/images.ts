import type { Phase } from '../engine/phase.js'
import { imagesNeeded } from '../kubernetes/images.js'
import { image } from '../resources/image.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { pulledImage } from '../resources/pulled-image.js'
import { type Context, nodes } from './context.js'
import { isControlPlane } from './machine.js'

/** INPUTS: the bundle, a running runtime. OUTPUTS: each node has the images its role runs, from the bundle or their registry. */
export const images: Phase<Context> = {
  id: 'images',
  title: 'Images',
  about: 'Container images from the bundle, else from their registry; a host that has one transfers nothing.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const { host } = machine
      const present = oncePerTurn(() => context.runtime.images(host))
      const entries = [
        ...(isControlPlane(machine) ? context.bundle.imagesFor('control-plane') : []),
        ...context.bundle.imagesFor('node'),
        ...context.bundle.imagesFor('verify'),
      ]
      const needs = [`${host.name}/@runtime`]
      const bundled = new Set(entries.map(({ reference }) => reference))
      const further = [
        ...(isControlPlane(machine) ? imagesNeeded('control-plane', context.spec, context.release) : []),
        ...imagesNeeded('node', context.spec, context.release),
      ].filter((reference) => !bundled.has(reference))
      const loaded = entries.map((entry) =>
        image(host, context.runtime, {
          reference: entry.reference,
          id: entry.id,
          source: context.bundle.path(entry),
          size: entry.fileSize,
          present,
          needs,
        }),
      )
      const pulled = further.map((reference) =>
        pulledImage(host, context.runtime, { reference, present, needs }),
      )
      return [...loaded, ...pulled]
    }),
}
