import { createAgain } from '../resources/brought-packages.js'
import { neededPackages } from '../steps/programs/needed-packages.js'
import { type Check, onEach } from './check.js'

export const bundledPackageChecks: readonly Check[] = [
  {
    name: 'BundledPackages',
    about:
      'Where the bundle has packages of the distribution: it has those that a new host lacks, for the system of the host.',
    run: onEach((machine, context, { packages }) => {
      const seen = packages.get(machine.spec.name)
      if (seen === undefined || !context.bundle.manifest.packages) return undefined
      const { os, facts } = machine
      const needed = neededPackages(context, machine)
      const lacking = needed.filter((name) => seen === 'unknown' || seen.get(name)?.installed === undefined)
      const brought = os.brought?.packages.map(({ name }) => name) ?? []
      const missing = lacking.filter((name) => !brought.includes(name))
      if (missing.length === 0) return undefined
      const system = `${facts.os.id} ${facts.os.version}`.trim()
      const next = os.brought
        ? `${createAgain}; or install them`
        : `${createAgain}; or install them; or ignore BundledPackages where the host reaches repositories that have them`
      if (!os.offline)
        return {
          severity: 'warning',
          what: `the bundle has packages, but none can be for ${system}: the host installs ${missing.join(', ')} from its own repositories`,
          next: 'check that the host reaches its repositories',
        }
      if (seen === 'unknown')
        return {
          severity: 'warning',
          what: `could not check which packages are installed; the bundle has no ${missing.join(', ')} for ${system} on ${facts.arch}`,
          next,
        }
      return {
        severity: 'error',
        what: os.brought
          ? `the packages of the bundle for ${system} on ${facts.arch} are without ${missing.join(', ')}, which the host lacks`
          : `the bundle has packages, but none for ${system} on ${facts.arch}; the host lacks ${missing.join(', ')}`,
        next,
      }
    }),
  },
]
