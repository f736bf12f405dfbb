import { type Context, nodes } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { image } from '../resources/image.js'
import { pinnedImages } from '../resources/image-pins.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { pulledImage } from '../resources/pulled-image.js'
import { bundledImages } from '../steps/programs/bundled-images.js'
import { imagesOf } from '../steps/programs/images-needed.js'

/** INPUTS: the bundle, a running runtime. OUTPUTS: each node has the images its role runs, from the bundle or their registry; those of the bundle are pinned. */
export const images: Phase<Context> = {
  id: 'images',
  title: 'Images',
  about:
    'Container images from the bundle, else from their registry; hosts that have an image already receive nothing.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const { host } = machine
      const { pins } = context.runtime
      const present = oncePerTurn(() => context.runtime.images(host))
      const entries = bundledImages(context, machine)
      const needs = [`${host.name}/@runtime`]
      const bundled = new Set(entries.map(({ reference }) => reference))
      const further = [...new Set(imagesOf(context, machine).map(({ reference }) => reference))].filter(
        (reference) => !bundled.has(reference),
      )
      const loaded = entries.map((entry) =>
        image(host, context.runtime, {
          reference: entry.reference,
          id: entry.id,
          source: context.bundle.path(entry),
          sha256: entry.fileSha256,
          size: entry.fileSize,
          present,
          needs,
        }),
      )
      const pulled = further.map((reference) =>
        pulledImage(host, context.runtime, { reference, present, needs }),
      )
      const kept =
        pins && entries.length > 0
          ? [
              pinnedImages(host, pins, {
                bundled: [...bundled],
                present,
                needs: [...needs, `${host.name}/image:*`],
              }),
            ]
          : []
      return [...loaded, ...pulled, ...kept]
    }),
}
