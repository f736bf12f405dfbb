import type { Connected } from '../cluster/machine.js'
import { UserError } from '../lib/errors.js'

/** Of a package by its name: the version that is installed, else the one that would be; neither: no repository of the host has it. */
export interface PackageSeen {
  installed?: string
  offered?: string
  /** The package manager could not say whether a repository has it. */
  unknown?: true
}

/** What a package manager said, by package; 'unknown': it gave no answer. */
export type PackagesSeen = ReadonlyMap<string, PackageSeen> | 'unknown'

/** Whether a host has a package, or could install it; 'unknown' where its package manager did not say. */
export function presenceOf(seen: PackagesSeen, name: string): 'there' | 'absent' | 'unknown' {
  if (seen === 'unknown') return 'unknown'
  const { installed, offered, unknown } = seen.get(name) ?? {}
  if (installed !== undefined || offered !== undefined) return 'there'
  return unknown ? 'unknown' : 'absent'
}

const lookScript = (installedPackages: string, offeredVersion: string): string => `
installed() (
${installedPackages}
)
offered() {
${offeredVersion}
}
said=$(installed "$@") || exit 1
printf '%s\\n' "$said" | sed -n 's/^..*/installed &/p'
for name in "$@"; do
  case "
$said
" in *"
$name "*) continue ;; esac
  if version=$(offered "$name"); then
    [ -z "$version" ] || printf 'offered %s %s\\n' "$name" "$version"
  else
    printf 'unknown %s\\n' "$name"
  fi
done
exit 0`

/** Asks a package manager for packages, all of them in the answer; for those that are installed no repository is asked. 'unknown': it gave none. */
export async function lookAtPackages(
  { host, os }: Pick<Connected, 'host' | 'os'>,
  names: readonly string[],
): Promise<PackagesSeen> {
  try {
    const { code, stdout } = await host.read({
      what: 'look for packages',
      logged: true,
      script: lookScript(os.installedPackages, os.offeredVersion),
      args: [...names],
      // a package manager may have to fetch its lists before
      timeoutMs: 60_000,
    })
    return code === 0 ? packagesIn(stdout.toString(), names) : 'unknown'
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return 'unknown'
  }
}

/** Of its lines "installed NAME VERSION" and "offered NAME VERSION". Pure. */
function packagesIn(said: string, names: readonly string[]): ReadonlyMap<string, PackageSeen> {
  const rows = said.split('\n').map((line) => line.split(' '))
  const versionOf = (kind: 'installed' | 'offered', name: string): PackageSeen => {
    const [, , version] = rows.find((row) => row[0] === kind && row[1] === name) ?? []
    return version === undefined ? {} : { [kind]: version }
  }
  return new Map(
    names.map((name) => [
      name,
      {
        ...versionOf('installed', name),
        ...versionOf('offered', name),
        ...(rows.some((row) => row[0] === 'unknown' && row[1] === name) ? { unknown: true as const } : {}),
      },
    ]),
  )
}
