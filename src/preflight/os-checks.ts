import type { Context } from '../cluster/context.js'
import { isBalancerHost, isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { type Check, onEach } from './check.js'

/** Whether anything is installed on a machine. */
const isOurs = (machine: Machine): boolean =>
  isNode(machine) || isEtcdHost(machine) || isBalancerHost(machine)

/** What each machine runs. */
export const osChecks: readonly Check[] = [
  {
    name: 'OperatingSystem',
    about: 'The operating system is one that was tested, and packages and programs can be installed.',
    run: onEach((machine) => {
      const { os, facts, osNote } = machine
      if (isOurs(machine) && os.imageBased)
        return {
          severity: 'error',
          what: `${facts.os.name} cannot be a host of a cluster: ${os.imageBased.why}`,
          next: os.imageBased.next,
        }
      if (isOurs(machine) && facts.usrReadOnly)
        return {
          severity: 'error',
          what: '/usr is read-only, and packages and programs are installed there',
          next: 'use a system with a writable /usr (an image-based one, such as Fedora CoreOS or MicroOS, is not supported), or remount it',
        }
      return osNote === ''
        ? undefined
        : {
            severity: 'warning',
            what: osNote,
            next: 'nothing to do: where a package has another name, or a command of the package manager differs, a step fails and names it',
          }
    }),
  },
  {
    name: 'RepositorySuite',
    about: 'A repository of a host with apt has a suite.',
    run: onEach(({ os, spec }) => {
      const without = spec.os.repositories.filter(({ suite }) => suite === '').map(({ name }) => name)
      return without.length === 0 || !os.needsSuite
        ? undefined
        : {
            severity: 'error',
            what: `os.repositories ${without.join(', ')} has no suite, which apt requires`,
            next: 'set suite (and components), as in the line of sources.list that its maker gives',
          }
    }),
  },
  {
    name: 'PackageSources',
    about: 'The packages of the container runtime are in the repositories of the operating system.',
    run: onEach((machine, context) => {
      if (!isNode(machine) || machine.facts.kubernetes) return undefined
      const missing = absent(machine, context)
      return missing.length === 0 || machine.spec.os.repositories.length > 0
        ? undefined
        : {
            severity: 'warning',
            what: `${machine.facts.os.name} does not have ${missing.join(', ')} in its own repositories`,
            next: 'name a repository that has them: os: { repositories: { docker: { url: …, key: … } } }, or add it to the host yourself',
          }
    }),
  },
]

function absent({ os }: Machine, { runtime }: Context): string[] {
  return runtime.packages(os).filter((name) => os.elsewhere.includes(name))
}
