import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import type { Context } from '../context.js'
import type { Machine } from '../machine.js'
import { byLedger, type Ledger } from './by-ledger.js'

/** The images kubestrap loaded are gone from the machine. */
export function imagesStep(
  { runtime }: Context,
  { host }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<readonly string[]> {
  const look = async (entries: readonly LedgerEntry[]): Promise<readonly string[]> => {
    const present = await runtime.images(host)
    return entries
      .map(({ subject }) => subject)
      .filter((reference) => present.some((image) => image.reference === reference))
  }
  return {
    id: 'reset:images',
    title: 'images',
    target: host.name,
    needs,
    probe: () => byLedger(ledger, [], look, 'image'),
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
