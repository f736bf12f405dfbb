import type { Collecting } from '../offline.js'
import { patiently } from './patiently.js'

/** apt with an empty list of installed packages, and everything it keeps in the directory "$d". */
const conf = `
Dir::State::status "$d/status";
Dir::State::Lists "$d/lists";
Dir::State::extended_states "$d/extended_states";
Dir::Cache::archives "$d/archives";
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
Dir::Etc::sourceparts "$d/sources.list.d";
APT::Install-Recommends "false";
Acquire::ForceHash "SHA256";
Acquire::http::Timeout "30";
Acquire::https::Timeout "30";
Acquire::Retries "1";
Acquire::AllowInsecureRepositories "false";
Acquire::AllowWeakRepositories "false";
APT::Get::AllowUnauthenticated "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
`

/** Each group of "$@" is given to the command line `apt` as "$group". */
const eachGroup = (apt: string): string => `
group=
grouped() {
  [ -z "$group" ] || { ${apt}; }
  group=
}
for name in "$@"; do
  case $name in --) grouped ;; *) group="$group $name" ;; esac
done
grouped`

/**
 * Directories of runs that were cut are removed when they are a day old. The host's own repositories, keys and
 * configuration of apt count; a definition of the inventory takes the place of one with its name.
 */
const choose = `
umask 022
find /var/tmp -maxdepth 1 -name 'kubestrap-packages.*' -mtime +0 -exec rm -rf -- {} + 2>/dev/null
d=$(mktemp -d /var/tmp/kubestrap-packages.XXXXXX) || exit 1
whole=
trap '[ -n "$whole" ] || rm -rf -- "$d"' EXIT
trap 'exit 1' HUP INT TERM
chmod 0755 "$d" && mkdir -p "$d/lists/partial" "$d/archives/partial" "$d/sources.list.d" && : >"$d/status" || exit 1
for f in /etc/apt/sources.list.d/*; do [ ! -f "$f" ] || cp -- "$f" "$d/sources.list.d/" || exit 1; done
n=$1
shift
while [ "$n" -gt 0 ]; do
  printf '%s' "$3" >"$d/$1.asc" || exit 1
  printf '%s' "$2" | sed "s|^Signed-By: .*|Signed-By: $d/$1.asc|" >"$d/sources.list.d/$1.sources" || exit 1
  shift 3
  n=$((n - 1))
done
cat >"$d/apt.conf" <<EOF
${conf}
EOF
export DEBIAN_FRONTEND=noninteractive
${patiently}
patiently apt-get -c "$d/apt.conf" -q update -o APT::Update::Error-Mode=any
case $said in *'W: Failed to fetch'* | *'W: GPG error'*) printf '%s\\n' "$said" >&2; exit 1 ;; esac
printf 'directory %s\\n' "$d"
${eachGroup(`said=$(apt-get -c "$d/apt.conf" -y --print-uris install -- $group 2>&1) || { printf '%s\\n' "$said" >&2; exit 1; }
  printf '%s\\n' "$said" | sed -n "s/^'[^']*' \\([^ ]*\\) \\([0-9]*\\) SHA256:\\([0-9a-f]*\\)$/\\1 \\2 \\3/p; t
  s/^'[^']*' \\([^ ]*\\) .*/\\1 has no digest/p"`)}
whole=yes
`

const download = `
d=$1
shift
umask 022
export DEBIAN_FRONTEND=noninteractive
${patiently}
${eachGroup('patiently apt-get -c "$d/apt.conf" -q -y --download-only install -- $group')}
cd "$d/archives" || exit 1
for f in *.deb; do
  printf 'file %s\\n' "$f"
  dpkg-deb -f "./$f" || exit 1
done
`

/** NAME_VERSION_ARCHITECTURE.deb, as apt names what it downloads (apt-pkg/acquire-item.cc): a colon is %3a. */
const line =
  /^(([a-z0-9][a-z0-9+.-]+)_([A-Za-z0-9](?:[A-Za-z0-9.+~-]|%3a)*)_([a-z0-9]+)\.deb) ([1-9]\d{0,9}) ([0-9a-f]{64})$/

/** What decides which packages are installed together (deb-control(5)). */
const fields: ReadonlySet<string> = new Set([
  'Source',
  'Depends',
  'Pre-Depends',
  'Conflicts',
  'Breaks',
  'Replaces',
  'Provides',
  'Multi-Arch',
  'Essential',
  'Protected',
  'Priority',
  'Section',
  'Installed-Size',
])

/** Fields by name, of one paragraph (deb822(5)): a line that begins with a blank goes on with the field before. */
function paragraph(said: string): ReadonlyMap<string, string> {
  const unfolded = said.replaceAll(/\n[ \t]+/g, ' ')
  return new Map(
    unfolded.split('\n').flatMap((one) => {
      const [, field, value] = /^([A-Za-z][A-Za-z0-9-]*):[ \t]*(.*?)[ \t]*$/.exec(one) ?? []
      return field === undefined || value === undefined ? [] : [[field, value] as const]
    }),
  )
}

/** Downloading for other hosts, by apt. */
export const collecting: Collecting = {
  choose,
  download,
  read: 'dd if="$1/archives/$2" bs=1M skip="$3" count=16 status=none',
  forget:
    'case $1 in /var/tmp/kubestrap-packages.*/*) exit 1 ;; /var/tmp/kubestrap-packages.*) rm -rf -- "$1" ;; *) exit 1 ;; esac',
  packageIn: (said, arch) => {
    const [, from, name, escaped, own, size, sha256] = line.exec(said) ?? []
    if (from === undefined || name === undefined || own === undefined || sha256 === undefined)
      return undefined
    if (own !== arch && own !== 'all') return undefined
    const version = (escaped ?? '').replaceAll('%3a', ':')
    return { from, name, version, arch: own, size: Number(size), sha256 }
  },
  controlOf: (said, { name, version, arch }) => {
    const all = paragraph(said)
    if (all.get('Package') !== name || all.get('Version') !== version || all.get('Architecture') !== arch)
      return undefined
    const kept = [...all].filter(([field, value]) => fields.has(field) && value !== '')
    return kept.every(([, value]) => /^[\x20-\x7e]+$/.test(value)) ? Object.fromEntries(kept) : undefined
  },
}
