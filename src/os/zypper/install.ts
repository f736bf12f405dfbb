import { throughProxy } from '../../host/proxy-file.js'

/**
 * Prints the names of what a transaction installs, of zypper's XML: a <solvable/> each within <to-install>. Any of the
 * elements may share a line.
 */
export const addedByXml = `sed 's/></>\\
</g' | sed -n '/<to-install>/,/<\\/to-install>/s/^<solvable type="package" name="\\([^"]*\\)".*/\\1/p'`

/**
 * Exit codes (zypper(8)): 102 and 103 are success after which a reboot or a restart is due, 106 success without a
 * repository that could not be refreshed. ZYPP_LOCK_TIMEOUT (zypp.conf(5), lock_timeout): seconds to wait for another
 * one, where exit code 7 would come at once. "$exactly", not empty, allows older versions.
 */
export const installPackages = `
${throughProxy}export ZYPP_LOCK_TIMEOUT=300
succeeded() { case $1 in 0 | 102 | 103 | 106) ;; *) return 1 ;; esac; }
set -- \${exactly:+--oldpackage} --no-recommends --auto-agree-with-licenses -- "$@"
plan=$(zypper --non-interactive --xmlout install --dry-run "$@")
succeeded $? || { printf '%s\\n' "$plan" | sed 's/<[^>]*>//g; /^[[:space:]]*$/d' >&2; exit 1; }
added=$(printf '%s\\n' "$plan" | ${addedByXml})
for name in $added; do remember package "$name" || exit 1; done
remembered
zypper --non-interactive install "$@"
succeeded $?
`

/** What was fetched stays below /var/cache/zypp/packages until it is installed (zypper(8), --download-only). */
export const downloadPackages = `
${throughProxy}export ZYPP_LOCK_TIMEOUT=300
said=$(zypper --non-interactive install --download-only \${exactly:+--oldpackage} --no-recommends --auto-agree-with-licenses -- "$@" 2>&1)
case $? in 0 | 102 | 103 | 106) ;; *) printf '%s\\n' "$said" >&2; exit 1 ;; esac
`
