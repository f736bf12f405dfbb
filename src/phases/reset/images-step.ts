import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'

/** The images kubestrap loaded are gone from the machine. */
export function imagesStep(
  { runtime }: Context,
  { host }: Machine,
  ledger: () => Promise<LedgerEntry[]>,
  needs: readonly Need[],
): Step<readonly string[]> {
  return {
    id: 'reset:images',
    title: 'images',
    target: host.name,
    needs,
    probe: async () => {
      const noted = (await ledger()).filter(({ kind }) => kind === 'image').map(({ subject }) => subject)
      if (noted.length === 0) return []
      const present = await runtime.images(host)
      return noted.filter((reference) => present.some((image) => image.reference === reference))
    },
    diff: (images) =>
      images.length === 0
        ? []
        : [
            {
              kind: 'remove',
              subjects: images,
              summary: `remove ${images.length} images`,
              diff: images.join('\n'),
            },
          ],
    apply: async ([change]) => {
      const images = change?.subjects ?? []
      await host.mutate({
        what: `remove ${images.length} images`,
        script: runtime.removeImagesScript,
        args: images,
        timeoutMs: 120_000,
      })
    },
  }
}
