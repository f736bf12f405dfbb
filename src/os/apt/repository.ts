import { type RepositoryFiles, type RepositoryWish, repositoryId } from '../repository.js'
import { patiently } from './patiently.js'

/**
 * A deb822 file (sources.list(5); apt from 1.1) whose Signed-By names the one key that counts for it; a key in
 * /etc/apt/trusted.gpg.d would count for every repository. Armored keys are read by their name's .asc (apt from 1.4).
 */
export function repository(wish: RepositoryWish): RepositoryFiles {
  const id = repositoryId(wish)
  const key = `/etc/apt/keyrings/${id}.asc`
  const lines = [
    'Types: deb',
    `URIs: ${wish.url}`,
    `Suites: ${wish.suite}`,
    ...(wish.components.length > 0 ? [`Components: ${wish.components.join(' ')}`] : []),
    `Signed-By: ${key}`,
  ]
  return {
    id,
    key,
    definition: { path: `/etc/apt/sources.list.d/${id}.sources`, content: `${lines.join('\n')}\n` },
    ...(wish.ca === undefined ? { besides: [] } : authorityOf(id, wish.url, wish.ca)),
  }
}

/** The authorities count for that server alone (apt-transport-https(1), per-host configuration). */
function authorityOf(id: string, url: string, ca: string): Pick<RepositoryFiles, 'besides' | 'authorities'> {
  const path = `/etc/apt/keyrings/${id}-ca.pem`
  const all = `/etc/apt/keyrings/${id}-ca-all.pem`
  const setting = `Acquire::https::${new URL(url).hostname}::CAInfo "${all}";\n`
  return {
    besides: [
      { path, content: ca },
      { path: `/etc/apt/apt.conf.d/90${id}`, content: setting },
    ],
    authorities: { own: path, all },
  }
}

/**
 * This one's lists alone: others may be out of reach, and are fetched when they are needed. List-Cleanup would remove
 * the others' (apt-get(8), APT::Get::List-Cleanup). A server that is silent has had its chance after a minute.
 */
export const readRepository = `${patiently}
patiently apt-get -q update -o Dir::Etc::sourcelist="/etc/apt/sources.list.d/$1.sources" \\
  -o Acquire::http::Timeout=30 -o Acquire::https::Timeout=30 -o Acquire::Retries=1 \\
  -o Dir::Etc::sourceparts=- -o APT::Get::List-Cleanup=0 -o APT::Update::Error-Mode=any
case $said in
# versions before Error-Mode only warn
*'W: Failed to fetch'* | *'W: GPG error'* | *'is not signed'*) printf '%s\\n' "$said" >&2; exit 1 ;;
esac
`
