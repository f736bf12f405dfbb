import type { Need, Step } from '../engine/step.js'
import type { Host } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'
import { UserError } from '../lib/errors.js'
import type { OperatingSystem } from '../os/os.js'
import { broughtDirectory, sendPackages } from './brought-packages.js'
import { markDirectory } from './marks.js'

/** A unit that was not running reads its configuration when the package starts it; no second start is due. */
const settleMarks = `
marks=$1 starts=$2; shift 2
for u in $starts; do systemctl is-active --quiet "$u" || rm -f "$marks/$u"; done
`

export interface PackageOptions {
  id: string
  title: string
  needs?: readonly Need[]
  /** Units that the packages start, with configuration written before: what was marked for them is settled. */
  starts?: readonly string[]
}

/** Those of these packages that are installed, with their versions. Throws UserError('step') when that cannot be seen. */
export async function installedAmong(
  host: Host,
  os: OperatingSystem,
  names: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const answer = await host.read({
    what: 'look for packages',
    script: os.installedPackages,
    args: [...names],
    timeoutMs: 30_000,
  })
  if (answer.code !== 0)
    throw new UserError('step', 'could not check which packages are installed', {
      host: host.name,
      why: answer.stderr.trim(),
    })
  const lines = answer.stdout.toString().split('\n').filter(Boolean)
  return new Map(
    lines.map((line) => {
      const [name = '', version = ''] = line.split(' ')
      return [name, version]
    }),
  )
}

/**
 * Packages of the distribution that must be installed, in whatever version it offers, or in that of the operator's, where
 * they are brought. Never upgraded.
 */
export function packages(
  host: Host,
  os: OperatingSystem,
  names: readonly string[],
  options: PackageOptions,
): Step<readonly string[]> {
  return {
    id: `packages:${options.id}`,
    title: options.title,
    target: host.name,
    ...(options.needs ? { needs: options.needs } : {}),
    probe: async () => [...(await installedAmong(host, os, names)).keys()],
    diff: (installed) => {
      const missing = names.filter((name) => !installed.includes(name))
      return missing.length === 0
        ? []
        : [
            {
              kind: 'install',
              subjects: missing,
              summary: `install ${missing.join(', ')}${os.brought ? ' from the bundle' : ''}`,
            },
          ]
    },
    apply: async ([change], { progress }) => {
      const { offline, brought } = os
      const install = async (script: string, args: readonly string[]): Promise<void> => {
        await host.mutate({
          what: 'install packages',
          script: `${ledgerFunctions}${settleMarks}${script}`,
          args: [markDirectory, (options.starts ?? []).join(' '), ...args],
          timeoutMs: 900_000,
          onOutput: (chunk) => {
            const line = chunk.toString().trim().split('\n').at(-1)
            if (line) progress(line.slice(0, 100))
          },
        })
      }
      // a package manager upgrades what is named and installed
      const missing = change?.subjects ?? names
      if (!offline || !brought) return install(os.installPackages, missing)
      const directory = broughtDirectory(options.id)
      await sendPackages(host, { offline, brought }, missing, { directory, progress })
      await install(offline.installPackages, [directory, ...missing])
    },
  }
}
