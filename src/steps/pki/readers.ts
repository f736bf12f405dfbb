import type { Change } from '../../engine/step.js'
import type { Host } from '../../host/host.js'
import { effectsOf, readerFile } from '../../resources/marks.js'

/** Of marks those whose reader is on the host: what is not there yet starts with the new files, and restarts nothing. */
export async function readersPresent(host: Host, marks: readonly string[]): Promise<readonly string[]> {
  const states = await Promise.all(marks.map((mark) => host.stat(readerFile(mark))))
  return marks.filter((_, i) => states[i]?.kind !== 'absent')
}

/** What a change of a file causes at its readers, for plans. */
export function readerEffects(readers: readonly string[]): Pick<Change, 'effects'> {
  return readers.length === 0 ? {} : { effects: effectsOf(readers) }
}
