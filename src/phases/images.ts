import type { BundleImage } from '../bundle/manifest.js'
import { type Context, nodes } from '../cluster/context.js'
import { isControlPlane, type Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import { imageFor } from '../kubernetes/images.js'
import { image } from '../resources/image.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { pulledImage } from '../resources/pulled-image.js'
import { imagesOf } from '../steps/programs/images-needed.js'

/** INPUTS: the bundle, a running runtime. OUTPUTS: each node has the images its role runs, from the bundle or their registry. */
export const images: Phase<Context> = {
  id: 'images',
  title: 'Images',
  about:
    'Container images from the bundle, else from their registry; hosts that have an image already receive nothing.',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const {
        host,
        facts: { arch },
      } = machine
      const present = oncePerTurn(() => context.runtime.images(host))
      const entries = [
        ...(isControlPlane(machine) ? controlPlaneImages(context, machine) : []),
        ...context.bundle.imagesFor('node', arch),
        ...context.bundle.imagesFor('verify', arch),
      ]
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
      return [...loaded, ...pulled]
    }),
}

/** Those of the bundle, whose etcd nobody runs where etcd is not on control planes. */
function controlPlaneImages({ bundle, spec }: Context, { facts: { arch }, release }: Machine): BundleImage[] {
  const [etcd = ''] = imageFor('etcd', spec, release.wanted).split(/:(?=[^/]*$)/)
  return bundle
    .imagesFor('control-plane', arch)
    .filter(({ reference }) => !spec.etcd.external || !reference.startsWith(`${etcd}:`))
}
