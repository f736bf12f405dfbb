import type { Need, Step } from '../engine/step.js'
import type { FileState, Host } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'
import { UserError } from '../lib/errors.js'
import type { OperatingSystem } from '../os/os.js'
import { effectsOf, markDirectory } from './marks.js'
import { installedAmong } from './packages.js'

export interface VersionedWish {
  id: string
  title: string
  names: readonly string[]
  /** "1.30.1": of the maker of the programs; which revision of its packages is the repository's business. */
  version: string
  /** The repository that has them: its id and key, as its files have them. */
  repository: { id: string; key: string }
  /** Units that read what the packages bring. */
  marks: readonly string[]
  needs: readonly Need[]
}

/** What the script says of a version that is not there. */
const lacking = 'the repository does not have'

/**
 * Arguments: version, separator, id and key of the repository, directory of marks, units, then the packages. The
 * newest revision of each is installed, also in place of a newer version. Holds of kubestrap's own are released
 * meanwhile: no package manager replaces what is held, and dnf does not even see other versions of it. Lists that do not have the version are read again once.
 */
const script = (os: OperatingSystem, last: string): string => `
${ledgerFunctions}
versions() {
${os.availableVersions}
}
read_repository() (
  set -- "$repository" "$key"
  ${os.readRepository}
)
revision() {
  all=$(versions "$1") || exit 1
  for v in $all; do
    case \${v#*:} in "$version" | "$version"-*) echo "$v"; return ;; esac
  done
}
pick() {
  picked=
  for name in "$@"; do
    found=$(revision "$name") || exit 1
    [ -n "$found" ] || { lacking=$name; return 1; }
    picked="$picked $name$separator$found"
  done
}
held() (
  ${os.heldPackages}
)
release() (
  ${os.releasePackages}
)
hold() (
  ${os.holdPackages}
)
version=$1 separator=$2 repository=$3 key=$4 marks=$5 units=$6
shift 6
own=
for name in $(held "$@" || echo '?'); do
  [ "$name" != '?' ] || { echo 'could not check which packages are held' >&2; exit 1; }
  has held "$name" || { echo "$name is held, and not by kubestrap: release it" >&2; exit 1; }
  own="$own $name"
done
if [ -n "$own" ]; then
  trap 'code=$?; hold $own >&2 || [ $code -ne 0 ] || code=1; exit $code' EXIT
  release $own || exit 1
fi
pick "$@" || {
  read_repository || exit 1
  pick "$@" || {
    echo "${lacking} $lacking $version; it has:" $(versions "$lacking" | head -n 8) >&2
    exit 1
  }
}
for u in $units; do mkdir -p "$marks" && : >"$marks/$u" || exit 1; done
set -- $picked
exactly=1
${last}
`

/** Packages in exactly this version. */
export function versionedPackages(
  host: Host,
  os: OperatingSystem,
  wish: VersionedWish,
): Step<ReadonlyMap<string, string>> {
  const { names, version, marks } = wish
  return {
    id: `packages:${wish.id}`,
    title: wish.title,
    target: host.name,
    needs: wish.needs,
    probe: () => installedAmong(host, os, names),
    diff: (installed) => {
      const wrong = otherThan(version, names, installed)
      if (wrong.length === 0) return []
      const had = wrong.flatMap((name) => {
        const found = installed.get(name)
        return found === undefined ? [] : [`${name} ${found}`]
      })
      return [
        {
          kind: 'install',
          summary: `install ${wrong.map((name) => `${name} ${version}`).join(', ')}${had.length > 0 ? ` in place of ${had.join(', ')}` : ''}`,
          effects: effectsOf(marks),
        },
      ]
    },
    apply: (_changes, { progress }) => runScript(host, os, wish, { verb: 'install', progress }),
  }
}

interface Fetched {
  installed: ReadonlyMap<string, string>
  note: FileState
}

/**
 * What versionedPackages will put in place of another version is fetched, and nothing is installed: when a machine's
 * turn comes it does not depend on the network. A note on the host says which version was fetched last.
 */
export function fetchedPackages(host: Host, os: OperatingSystem, wish: VersionedWish): Step<Fetched> {
  const { names, version } = wish
  const path = `/var/lib/kubestrap/staged/packages-${wish.id}`
  return {
    id: fetchedPackagesId(wish.id),
    title: `${wish.title}, for their turn`,
    target: host.name,
    needs: wish.needs,
    prepares: true,
    probe: async () => {
      const [installed, note] = await Promise.all([
        installedAmong(host, os, names),
        host.stat(path, { content: true }),
      ])
      return { installed, note }
    },
    diff: ({ installed, note }) => {
      const wrong = otherThan(version, names, installed)
      const fetched = note.kind === 'file' && note.content?.toString() === version
      return wrong.length > 0 && !fetched
        ? [{ kind: 'create', summary: `download ${wrong.map((name) => `${name} ${version}`).join(', ')}` }]
        : []
    },
    apply: async (_changes, { progress }) => {
      await runScript(host, os, { ...wish, marks: [] }, { verb: 'download', progress })
      await host.write({ path, content: version, mode: '0644' })
    },
  }
}

export const fetchedPackagesId = (id: string): string => `packages-fetched:${id}`

const otherThan = (
  version: string,
  names: readonly string[],
  installed: ReadonlyMap<string, string>,
): string[] => names.filter((name) => !isVersion(installed.get(name) ?? '', version))

async function runScript(
  host: Host,
  os: OperatingSystem,
  { names, version, repository, marks }: VersionedWish,
  { verb, progress }: { verb: 'install' | 'download'; progress: (line: string) => void },
): Promise<void> {
  const command = {
    what: `${verb} ${names.join(', ')} ${version}`,
    script: script(os, verb === 'install' ? os.installPackages : os.downloadPackages),
    args: [
      version,
      os.versionSeparator,
      repository.id,
      repository.key,
      markDirectory,
      marks.join(' '),
      ...names,
    ],
    timeoutMs: 900_000,
    onOutput: (chunk: Buffer) => {
      const line = chunk.toString().trim().split('\n').at(-1)
      if (line) progress(line.slice(0, 100))
    },
  }
  await host.mutate(command).catch((error: unknown) => {
    if (!(error instanceof UserError) || !error.why?.includes(lacking)) throw error
    throw new UserError('step', error.message, {
      host: host.name,
      why: error.why,
      next: 'set kubernetes.version to one of them; or the mirror (sources.mirrors.packages) is not up to date',
      final: true,
      cause: error,
    })
  })
}

/** Whether a package's version ("1.30.1-1.1", "0:1.30.1-150500.1.1") is of this version of its programs. */
export function isVersion(found: string, version: string): boolean {
  const own = found.replace(/^\d+:/, '')
  return own === version || own.startsWith(`${version}-`)
}
