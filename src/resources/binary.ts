import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { effectsOf, markDirectory } from './marks.js'

export interface BinaryWish {
  /** "kubelet" */
  name: string
  /** Where it goes: "/usr/bin/kubelet". */
  path: string
  /** The file on the operator's side, gzip-compressed unless `plain`. */
  source: string
  plain?: boolean | undefined
  /** Digest of the installed file, lower-case hex SHA-256. */
  sha256: string
  /** Bytes that will travel. */
  size: number
  marks?: readonly string[]
  needs?: readonly Need[]
}

/** An executable with exactly this digest. A host that has it transfers nothing. */
export function binary(host: Host, wish: BinaryWish): Step<FileState> {
  const marks = wish.marks ?? []
  return {
    id: `binary:${wish.path}`,
    title: wish.name,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    probe: () => host.stat(wish.path),
    diff: (state) => {
      if (state.kind === 'file' && state.sha256 === wish.sha256 && state.mode === '0755') return []
      const effects = effectsOf(marks)
      return [
        {
          kind: 'install',
          summary: `${state.kind === 'absent' ? 'install' : 'replace'} ${wish.path}`,
          effects,
        },
      ]
    },
    apply: async (_changes, { progress }) => {
      if (marks.length > 0)
        await host.mutate({
          what: `mark ${marks.join(', ')} for restart`,
          script: 'd=$1; shift; mkdir -p "$d" && cd "$d" && touch -- "$@"',
          args: [markDirectory, ...marks],
          timeoutMs: 10_000,
        })
      await host.upload(wish.source, wish.path, {
        sha256: wish.sha256,
        mode: '0755',
        gunzip: !wish.plain,
        onBytes: (sent) => progress(percent(sent, wish.size)),
      })
    },
  }
}

/** "42 %" */
export function percent(done: number, all: number): string {
  return `${Math.min(100, Math.floor((100 * done) / Math.max(1, all)))} %`
}
