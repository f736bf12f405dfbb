import { NotYet } from '../engine/late.js'
import type { Need, Step } from '../engine/step.js'
import { archiveRecords, unpackScript } from '../host/download-script.js'
import type { FileState, Host } from '../host/host.js'
import type { ReleaseFile } from '../sources/project-releases.js'
import { downloadBy, idleSeconds, megabytes } from './download.js'
import { effectsOf, leaveMarks } from './marks.js'

export interface UnpackedWish {
  /** "containerd" */
  name: string
  title: string
  archive: ReleaseFile
  /** Paths in the archive, and where they go. */
  files: readonly (readonly [from: string, to: string])[]
  /** Directories that they fill when they run, for the ledger. */
  trees?: readonly string[]
  /** Units that read them. */
  marks?: readonly string[]
  needs: readonly Need[]
}

interface UnpackedState {
  record: FileState
  files: readonly FileState[]
}

/**
 * Executables out of an archive with exactly this digest. What came out of which archive the host keeps a record of; a
 * file that is another since, or whose record is lost, is unpacked again.
 */
export function unpacked(host: Host, wish: UnpackedWish): Step<UnpackedState> {
  const { name, archive, files, trees = [], marks = [] } = wish
  const record = `${archiveRecords}/${name}`
  return {
    id: `archive:${name}`,
    title: wish.title,
    target: host.name,
    needs: wish.needs,
    probe: async () => {
      const [noted, ...states] = await Promise.all([
        host.stat(record, { content: true }),
        ...files.map(([, to]) => host.stat(to)),
      ])
      return { record: noted, files: states }
    },
    diff: ({ record: noted, files: states }) => {
      if (archive.sha256 === undefined && noted.kind !== 'absent')
        throw new NotYet(`the published digest of ${name}`)
      const lines = noted.kind === 'file' ? (noted.content?.toString().split('\n') ?? []) : []
      const known = new Set(lines)
      const wrong = files.filter(([, to], i) => {
        const state = states[i]
        return !(
          state?.kind === 'file' &&
          state.mode === '0755' &&
          known.has(`${archive.sha256} ${state.sha256} ${to}`)
        )
      })
      if (wrong.length === 0) return []
      return [
        {
          kind: 'install',
          summary: `install ${wrong.map(([, to]) => to).join(', ')} from ${new URL(archive.url).host}`,
          effects: effectsOf(marks),
        },
      ]
    },
    apply: async (_changes, { progress }) => {
      const { sha256 } = archive
      if (sha256 === undefined) throw new Error(`${name} is installed without its digest`)
      await leaveMarks(host, marks)
      await downloadBy(host, { ...archive, name }, (bytes) => progress(megabytes(bytes)), {
        script: unpackScript,
        args: [archive.url, sha256, record, String(idleSeconds), '0755', ...files.flat()],
        ledger: trees.map((path) => `tree ${path}` as const),
      })
    },
  }
}
