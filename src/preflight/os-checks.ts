import { isBalancerHost, isEtcdHost, isNode, type Machine } from '../cluster/machine.js'
import { unfitSystem } from '../os/unfit.js'
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
      const unfit = isOurs(machine) ? unfitSystem(os, facts) : undefined
      if (unfit) return { severity: 'error', ...unfit }
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
]
