import { throughProxy } from '../../host/proxy-file.js'
import { savedConfiguration, withoutSavedConfiguration } from '../rpm/queries.js'

/**
 * Prints the names of what a transaction installs, of dnf's table: rows of the sections "Installing:", "Installing
 * dependencies:" and so on have one blank before the name; a row too long for the line goes on in the next, indented
 * further. What is upgraded was there before. Versions 4 and 5 print the same.
 */
export const addedByTable = `awk '/^[^ ]/ { on = /^Installing/ } on && /^ [^ ]/ { print $1 }'`

/** A pattern of sh for "EXIT CODE:WORDS" of a dnf that another one keeps out. Exit code 200 is a lock (dnf(8)), version 5 has words alone. */
const isLocked = `200:* | *[Ll]'ock by '* | *'waiting for '* | *'Failed to obtain '*lock*`

/**
 * --assumeno resolves, shows and stops, with exit code 1; that it came that far its last words tell (version 5 adds
 * "by the user"). dnf waits for another dnf without an end (dnf.conf(5), exit_on_lock), so what may wait is tried
 * first, and given up after five minutes. Another version in place of one that is there adds nothing.
 */
export const installPackages = `
${throughProxy}set -- --setopt=install_weak_deps=False --setopt=exit_on_lock=True install -- "$@"
i=0
while :; do
  plan=$(dnf --assumeno "$@" 2>&1)
  code=$?
  case $plan in
  *'Operation aborted'*) break ;;
  *'Nothing to do'*) [ $code -ne 0 ] || exit 0 ;;
  esac
  case $code:$plan in
  ${isLocked}) [ $i -lt 150 ] ;;
  *) false ;;
  esac || { printf '%s\\n' "$plan" >&2; exit 1; }
  i=$((i + 1))
  sleep 2
done
added=$(printf '%s\\n' "$plan" | ${addedByTable})
[ -n "$added" ] || printf '%s\\n' "$plan" | grep -qE '^(Upgrading|Downgrading):' || { printf 'dnf did not say what it would install:\\n%s\\n' "$plan" >&2; exit 1; }
for name in $added; do remember package "$name" || exit 1; done
remembered
dnf -y "$@"
`

/**
 * What --downloadonly fetched is kept until a transaction has succeeded (dnf.conf(5), keepcache). The lock is waited
 * for five minutes, by words as above.
 */
export const downloadPackages = `
${throughProxy}set -- -y --setopt=install_weak_deps=False --setopt=exit_on_lock=True --downloadonly install -- "$@"
i=0
until said=$(dnf "$@" 2>&1); do
  code=$?
  case $code:$said in
  ${isLocked}) [ $i -lt 150 ] ;;
  *) false ;;
  esac || { printf '%s\\n' "$said" >&2; exit 1; }
  i=$((i + 1))
  sleep 2
done
`

/** Dependencies that nothing requires any more may be somebody else's by now: they stay unless they are named. */
export const removePackages = `
${savedConfiguration}
dnf -y --setopt=clean_requirements_on_remove=False remove -- "$@" || exit 1
${withoutSavedConfiguration}
`
