import { isUtf8 } from 'node:buffer'
import { readFile, stat } from 'node:fs/promises'
import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { sourcedVolumes } from '../../cluster/plane-volumes.js'
import type { Step } from '../../engine/step.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { messageOf, UserError } from '../../lib/errors.js'
import { Secret } from '../../lib/secret.js'
import { type FileWish, file } from '../../resources/file.js'
import { podMark } from '../../resources/marks.js'

/** Larger than any configuration of a component. */
const mostBytes = 1024 * 1024

/** Reads these files. Throws UserError('inventory') for one that cannot be read, or is larger than any configuration. */
export async function readVolumeFiles(spec: ClusterSpec): Promise<Context['volumeFiles']> {
  return new Map(
    await Promise.all(
      sourcedVolumes(spec).map(async ({ source, at }) => {
        const cannot = (why: string, cause?: unknown): UserError =>
          new UserError('inventory', `cannot read ${source}`, {
            why: `extraVolumes, ${at}: ${why}`,
            next: 'set source to the path of the file; without source kubestrap expects it on the control plane nodes',
            cause,
          })
        try {
          const found = await stat(source)
          if (!found.isFile()) throw cannot('it is not a regular file')
          if (found.size > mostBytes) throw cannot(`it has ${found.size} bytes, more than ${mostBytes}`)
          const content = await readFile(source)
          if (!isUtf8(content)) throw cannot('it is no text in UTF-8')
          return [source, new Secret(content.toString())] as const
        } catch (error) {
          throw error instanceof UserError ? error : cannot(messageOf(error), error)
        }
      }),
    ),
  )
}

/** Steps that write the files of components to a control plane node; static Pods that read a changed one restart. */
export function volumeFileSteps(spec: ClusterSpec, { host }: Machine, files: Context['volumeFiles']): Step[] {
  return sourcedVolumes(spec).map(({ hostPath, source, readers }) => {
    const content = files.get(source)
    if (content === undefined) throw new Error(`${source} was not read`)
    const wish: FileWish = {
      path: hostPath,
      content,
      mode: '0600',
      directoryMode: '0700',
      marks: readers.map(podMark),
    }
    return file(host, wish)
  })
}
