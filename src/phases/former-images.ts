import { type Context, nodes } from '../cluster/context.js'
import type { Phase } from '../engine/phase.js'
import { unpinnedImages } from '../resources/image-pins.js'
import { oncePerTurn } from '../resources/once-per-turn.js'
import { bundledImages } from '../steps/programs/bundled-images.js'

/**
 * INPUTS: nodes that run the version of the inventory.
 * OUTPUTS: images that only a former version used have no pin of kubestrap's: the kubelet removes them when the disk is full.
 */
export const formerImages: Phase<Context> = {
  id: 'former-images',
  title: 'Images of former versions',
  about:
    'Images that a former bundle brought lose their pin, so that the kubelet may remove them (containerd).',
  steps: (context) =>
    nodes(context).flatMap((machine) => {
      const { host } = machine
      const { pins } = context.runtime
      if (!pins) return []
      return unpinnedImages(host, pins, {
        bundled: bundledImages(context, machine).map(({ reference }) => reference),
        present: oncePerTurn(() => context.runtime.images(host)),
        // what runs on the machine then is of the bundle, and so is what would take its place
        needs: ['images', 'control-plane', 'kubelet-start', 'static-pods', 'join'].map(
          (phase) => `${host.name}/@${phase}`,
        ),
      })
    }),
}
