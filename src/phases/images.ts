import type { Phase } from '../engine/phase.js'
import { image } from '../resources/image.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { type Context, nodes } from './context.js'
import { isControlPlane } from './machine.js'

/** INPUTS: the bundle, a running runtime. OUTPUTS: each node has the images its role runs. */
export const images: Phase<Context> = {
  id: 'images',
  title: 'Images',
  about: 'Container images from the bundle; a host that has one transfers nothing.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const { host } = machine
      const present = oncePerTurn(() => context.runtime.images(host))
      const entries = [
        ...(isControlPlane(machine) ? context.bundle.imagesFor('control-plane') : []),
        ...context.bundle.imagesFor('node'),
        ...context.bundle.imagesFor('verify'),
      ]
      return entries.map((entry) =>
        image(host, context.runtime, {
          reference: entry.reference,
          id: entry.id,
          source: context.bundle.path(entry),
          size: entry.fileSize,
          present,
          needs: [`${host.name}/@runtime`],
        }),
      )
    }),
}
