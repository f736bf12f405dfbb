import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { Need, Step } from '../../engine/step.js'
import type { LedgerEntry } from '../../resources/ledger.js'
import { releasedPaths, releasedTrees } from '../programs/release-steps.js'
import { byLedger, type Ledger } from './by-ledger.js'
import { ownRuntimeRuns } from './runtime-stopped-step.js'
import { ownUnits, trees } from './stopped-step.js'

/**
 * The images kubestrap loaded are gone from the machine. Those of a runtime that was downloaded go with its directory;
 * where that is not kubestrap's, nobody can be asked about them once the runtime is gone.
 */
export function imagesStep(
  context: Context,
  { host }: Machine,
  ledger: Ledger,
  needs: readonly Need[],
): Step<readonly string[]> {
  const { runtime } = context
  /** Whether a runtime of kubestrap's was stopped or removed, by a reset that was cut or one without --images. */
  const isReset = async (entries: readonly LedgerEntry[]): Promise<boolean> => {
    const paths = releasedPaths(context)
    if (paths.length === 0) return false
    const states = await Promise.all(paths.map((path) => host.stat(path)))
    if (states.every(({ kind }) => kind === 'absent')) return true
    return ownUnits(entries).includes(runtime.unit) && !(await ownRuntimeRuns(runtime, host, entries))
  }
  const look = async (entries: readonly LedgerEntry[]): Promise<readonly string[]> => {
    const images = entries.filter(({ kind }) => kind === 'image')
    const own = trees(entries)
    if (images.length === 0 || releasedTrees(context).some((path) => own.includes(path))) return []
    if (await isReset(entries)) return []
    const present = await runtime.images(host)
    return images
      .map(({ subject }) => subject)
      .filter((reference) => present.some((image) => image.reference === reference))
  }
  return {
    id: 'reset:images',
    title: 'images',
    target: host.name,
    needs,
    probe: () => byLedger(ledger, [], look),
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
