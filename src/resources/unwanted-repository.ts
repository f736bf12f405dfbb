import type { Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import type { OperatingSystem } from '../os/os.js'
import { takeRepositoryBack, unreadPath } from './unread.js'

/** What must be over before packages are installed (engine/step.ts, Need). */
export const unwantedRepositories = 'unwanted-repository:*'

/**
 * A repository whose lists were never read, as a run was cut, and that the inventory no longer has, is not left: a package
 * manager may stop at it for all others.
 * @param id by which the package manager knew it (facts)
 */
export const unwantedRepository = (host: Host, os: OperatingSystem, id: string): Step<FileState> => ({
  id: `unwanted-repository:${id}`,
  title: `repository ${id}, which is not in the inventory`,
  target: host.name,
  probe: () => host.stat(unreadPath({ id })),
  diff: ({ kind }) =>
    kind === 'absent'
      ? []
      : [
          {
            kind: 'remove',
            subjects: [id],
            summary: `remove repository ${id}, which an earlier run added and did not get to read, and the inventory no longer has`,
          },
        ],
  apply: async () => {
    await host.mutate(takeRepositoryBack(os, { id }, { name: id }))
  },
})
