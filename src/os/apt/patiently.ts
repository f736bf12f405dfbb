/**
 * `patiently COMMAND…`: dpkg and the package lists have locks that no timeout option covers; they are waited for here,
 * five minutes. What fails otherwise ends the script with its words, and what succeeds leaves them in "$said". POSIX sh.
 *
 * By the words of apt's GetLock (apt-pkg/contrib/fileutl.cc, "Could not get lock FILE …", also before "Unable to lock
 * directory"; debsystem.cc for dpkg's), and of dpkg's file_lock (lib/dpkg/file.c, "is", later "was locked by another
 * process"); no URL or path can hold them. A lock that may not be opened frees itself for nobody.
 */
export const patiently = `
patiently() {
  i=0
  until said=$("$@" 2>&1); do
    case $said in
    *'Could not get lock '* | *', is another process using it?'* | *' locked by another process'*) ;;
    *) printf '%s\\n' "$said" >&2; exit 1 ;;
    esac
    i=$((i + 1))
    [ $i -lt 150 ] || { printf '%s\\n' "$said" >&2; exit 1; }
    sleep 2
  done
}
`
