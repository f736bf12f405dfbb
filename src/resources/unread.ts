import { unreadDirectory } from '../host/facts/facts.js'
import type { Mutation } from '../host/host.js'
import { ledgerFunctions } from '../host/ledger-script.js'
import type { OperatingSystem } from '../os/os.js'
import type { RepositoryFiles } from '../os/repository.js'

/** There from before the first file of a repository is written until its lists were read, or it was taken back. */
export const unreadPath = ({ id }: Pick<RepositoryFiles, 'id'>): string => `${unreadDirectory}/${id}`

/** What is made of a repository, the definition first: without it nothing else counts. */
const pathsOf = ({ definition, key, besides, authorities }: RepositoryFiles): string[] => [
  definition.path,
  ...besides.map(({ path }) => path),
  ...(authorities ? [authorities.all] : []),
  key,
]

/**
 * `take_back DIR`: files are again as DIR has them, and keys that it lists are not trusted; nothing is left of DIR. What a
 * package manager cannot read stops it for every repository (apt-get update), so none stays.
 */
const takeBack = (os: OperatingSystem): string => `
trusted() (
${os.trustedKeys}
)
distrust() (
${os.distrustKeys}
)
take_back() {
  n=0
  while IFS= read -r p; do
    n=$((n + 1))
    if [ -e "$1/$n" ] || [ -L "$1/$n" ]; then cp -Pp -- "$1/$n" "$p.kubestrap-before" && mv -fT -- "$p.kubestrap-before" "$p"
    else rm -f -- "$p"
    fi || return 1
  done <"$1/paths"
  keys=$(cat -- "$1/keys" 2>/dev/null)
  if [ -n "$keys" ]; then keys=$(trusted $keys) || return 1; fi
  [ -z "$keys" ] || distrust $keys || return 1
  rm -rf -- "$1"
}
`

interface Wish {
  name: string
}

/** Keeps what is there before the first file is written. One that an earlier run began, and did not read, is taken back first. */
export const beginRepository = (os: OperatingSystem, files: RepositoryFiles, { name }: Wish): Mutation => ({
  what: `keep what is there before repository ${name}`,
  script: `${takeBack(os)}
d=$1
shift
umask 077
[ ! -d "$d" ] || take_back "$d" || exit 1
rm -rf -- "$d.new" && mkdir -p -- "$d.new" || exit 1
n=0
for p in "$@"; do
  n=$((n + 1))
  if [ -e "$p" ] || [ -L "$p" ]; then cp -Pp -- "$p" "$d.new/$n" || exit 1; fi
done
printf '%s\\n' "$@" >"$d.new/paths" && sync && mv -T -- "$d.new" "$d"
`,
  args: [unreadPath(files), ...pathsOf(files)],
  timeoutMs: 120_000,
})

/** Its key is trusted, where that takes more than the definition. */
export const trustRepository = (os: OperatingSystem, files: RepositoryFiles, { name }: Wish): Mutation => ({
  what: `trust the key of repository ${name}`,
  script: `${ledgerFunctions}
trust() (
${os.trustKey}
)
trust "$1" "$2" >>"$3/keys"
`,
  args: [files.id, files.key, unreadPath(files)],
  timeoutMs: 600_000,
})

/** Its lists are read; where that fails everything is as before, and the script fails. */
export const readRepository = (os: OperatingSystem, files: RepositoryFiles, { name }: Wish): Mutation => ({
  what: `read repository ${name}`,
  script: `${takeBack(os)}
lists() (
${os.readRepository}
)
lists "$1" "$2"
code=$?
[ $code -ne 0 ] || { rm -rf -- "$3"; exit; }
take_back "$3" || echo 'the repository could not be removed again' >&2
exit $code
`,
  args: [files.id, files.key, unreadPath(files)],
  timeoutMs: 600_000,
})

/** Everything is as before, where another step than the reading failed, or its time was over. */
export const takeRepositoryBack = (
  os: OperatingSystem,
  files: Pick<RepositoryFiles, 'id'>,
  { name }: Wish,
): Mutation => ({
  what: `remove repository ${name} again`,
  script: `${takeBack(os)}
[ ! -d "$1" ] || take_back "$1"
`,
  args: [unreadPath(files)],
  timeoutMs: 120_000,
})
