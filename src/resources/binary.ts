import { NotYet } from '../engine/late.js'
import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import type { Program } from '../sources/program.js'
import { download, megabytes } from './download.js'
import { effectsOf, leaveMarks } from './marks.js'

export interface BinaryWish {
  program: Program
  /** Where it goes: "/usr/bin/kubelet". */
  path: string
  marks?: readonly string[]
  needs?: readonly Need[]
}

/** An executable with exactly this digest, sent or fetched. To a host that has it nothing is transferred. */
export function binary(host: Host, wish: BinaryWish): Step<FileState> {
  const { name, sha256, origin } = wish.program
  const marks = wish.marks ?? []
  return {
    id: `binary:${wish.path}`,
    title: name,
    target: host.name,
    ...(wish.needs ? { needs: wish.needs } : {}),
    ...(sha256 !== undefined && origin.kind === 'file' ? { receives: { sha256, bytes: origin.size } } : {}),
    probe: () => host.stat(wish.path),
    diff: (state) => {
      if (sha256 === undefined && state.kind !== 'absent') throw new NotYet(`the published digest of ${name}`)
      if (state.kind === 'file' && state.sha256 === sha256 && state.mode === '0755') return []
      const effects = effectsOf(marks)
      return [
        {
          kind: 'install',
          summary: `${state.kind === 'absent' ? 'install' : 'replace'} ${wish.path}${origin.kind === 'url' ? ` from ${new URL(origin.url).host}` : ''}`,
          effects,
        },
      ]
    },
    apply: async (_changes, { progress }) => {
      if (sha256 === undefined) throw new Error(`${name} is installed without its digest`)
      await leaveMarks(host, marks)
      if (origin.kind === 'url')
        await download(host, { name, sha256 }, origin, wish.path, (bytes) => progress(megabytes(bytes)))
      else
        await host.upload(origin.path, wish.path, {
          sha256,
          mode: '0755',
          gunzip: origin.gzip,
          onBytes: (sent) => progress(percent(sent, origin.size)),
        })
    },
  }
}

/** "42 %" */
export function percent(done: number, all: number): string {
  return `${Math.min(100, Math.floor((100 * done) / Math.max(1, all)))} %`
}
