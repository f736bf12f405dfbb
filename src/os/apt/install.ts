import { patiently } from './patiently.js'

/**
 * dpkg --configure -a: a predecessor that was cut leaves half-configured packages, and apt refuses to go on.
 * Lists are fetched when there are none or they are older than a day: a stale list names files that are gone; and when
 * a package is in none of them, as after a repository was added. "$exactly", not empty, allows older versions.
 */
export const installPackages = `
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l
set -- -y \${exactly:+--allow-downgrades} --no-install-recommends -o DPkg::Lock::Timeout=300 -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold -- "$@"
${patiently}[ -z "$(dpkg --audit)" ] || patiently dpkg --configure -a
if [ -z "$(find /var/lib/apt/lists -name '*Packages*' -mtime -1 2>/dev/null | head -n 1)" ]; then
  patiently apt-get -q update
fi
plan=$(apt-get -s install "$@" 2>/dev/null) || {
  patiently apt-get -q update
  plan=$(apt-get -s install "$@") || exit 1
}
added=$(printf '%s\\n' "$plan" | sed -n 's/^Inst \\([^ ]*\\) (.*/\\1/p')
for name in $added; do remember package "$name" || exit 1; done
remembered
apt-get install "$@"
`

/** --download-only changes nothing, so what is held is no reason to stop (apt-get(8)). */
export const downloadPackages = `
export DEBIAN_FRONTEND=noninteractive
${patiently}patiently apt-get -q -y \${exactly:+--allow-downgrades} --allow-change-held-packages --no-install-recommends -o DPkg::Lock::Timeout=300 --download-only install -- "$@"
`
