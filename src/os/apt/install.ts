import { patiently } from './patiently.js'

/** A predecessor that was cut leaves half-configured packages, and apt refuses to go on. */
const configured = '[ -z "$(dpkg --audit)" ] || patiently dpkg --configure -a'

/** Without questions; configuration that was changed stays. */
const quietly =
  '-y --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold'

/**
 * A package may be in none of the lists, as after a repository was added: they are fetched again. "$exactly", not empty,
 * allows older versions.
 * @param apt "apt-get", with options
 * @param lists what is done to have package lists
 */
const installing = (apt: string, lists: string): string => `
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
set -- \${exactly:+--allow-downgrades} ${quietly} -- "$@"
${patiently}${configured}
${lists}
plan=$(${apt} -s install "$@" 2>/dev/null) || {
  patiently ${apt} -q update
  plan=$(${apt} -s install "$@") || exit 1
}
added=$(printf '%s\\n' "$plan" | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p')
for name in $added; do remember package "$name" || exit 1; done
remembered
${apt} install "$@"
`

/** Lists are fetched when there are none or they are older than a day: a stale list names files that are gone. */
export const installPackages = installing(
  'apt-get',
  `if [ -z "$(find /var/lib/apt/lists -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ]; then
  patiently apt-get -q update
fi`,
)

/** --download-only changes nothing, so what is held is no reason to stop (apt-get(8)). */
export const downloadPackages = `
export DEBIAN_FRONTEND=noninteractive
${patiently}patiently apt-get -q -y \${exactly:+--allow-downgrades} --allow-change-held-packages --no-install-recommends -o DPkg::Lock::Timeout=300 --download-only install -- "$@"
`

/** The directory of packages, "$1", as the only repository (`repository` of apt/offline.ts). */
const fromDirectory = `brought=$1
shift
`
const broughtApt = 'apt-get -c "$brought/apt.conf"'

export const installBrought = `${fromDirectory}${installing(broughtApt, `patiently ${broughtApt} -q update`)}[ $? -eq 0 ] || exit 1
rm -rf -- "$brought"
`

/** --print-uris installs nothing, and does not look whether the files are there. Prints apt's own names of them. */
export const neededFiles = `${fromDirectory}export DEBIAN_FRONTEND=noninteractive
${patiently}${configured}
patiently ${broughtApt} -q update
said=$(${broughtApt} ${quietly} --print-uris install -- "$@") || exit 1
printf '%s\\n' "$said" | sed -n "s|^'file:[^']*' \\([^ ]*\\) .*|\\1|p"
`
