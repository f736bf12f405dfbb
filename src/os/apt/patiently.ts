/**
 * `patiently COMMAND…`: dpkg and the package lists have locks that no timeout option covers; they are waited for here,
 * five minutes. What fails otherwise ends the script with its words. POSIX sh.
 */
export const patiently = `
patiently() {
  i=0
  until said=$("$@" 2>&1); do
    case $said in *lock*) ;; *) printf '%s\\n' "$said" >&2; exit 1 ;; esac
    i=$((i + 1))
    [ $i -lt 150 ] || { printf '%s\\n' "$said" >&2; exit 1; }
    sleep 2
  done
}
`
