import type { Choice } from '../inventory/choice.js'
import type { ClusterSpec } from '../inventory/spec.js'
import { versionNotes } from '../kubernetes/releases/version-notes.js'
import type { Reporting } from './reporting.js'

type Versions = Pick<ClusterSpec, 'version' | 'runtime' | 'network' | 'unset' | 'unsetSources' | 'sources'>
type Voice = Pick<Reporting, 'emit' | 'now'>

/** Warns, before anything is connected to, where nobody has tried the version that the inventory names. */
export function warnOfVersion(spec: Versions, voice: Voice): void {
  if (!spec.unset.includes('kubernetes.version')) warn(spec, voice)
}

/** Tells what stands for keys that the inventory leaves out, the cluster's own or defaults, once that is known. */
export function tellUnset(spec: Versions, voice: Voice): void {
  const { emit, now } = voice
  const values: Readonly<Record<Choice, string>> = {
    'kubernetes.version': spec.version,
    runtime: spec.runtime,
    network: spec.network,
  }
  const left = [
    ...spec.unset.map((choice) => `${choice} ${values[choice]}`),
    // the other one is what the documentation says
    ...spec.unsetSources
      .filter((source) => spec.sources[source] === 'download')
      .map((source) => `sources.${source} download`),
  ].join(', ')
  if (left !== '')
    emit({ type: 'message', at: now(), level: 'info', text: `keys that the inventory leaves out: ${left}` })
  if (spec.unset.includes('kubernetes.version')) warn(spec, voice)
}

function warn({ version }: Versions, { emit, now }: Voice): void {
  for (const text of versionNotes(version)) emit({ type: 'message', at: now(), level: 'warning', text })
}
