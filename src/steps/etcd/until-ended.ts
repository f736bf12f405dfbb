import type { Context } from '../../cluster/context.js'

/** A look at what runs is a quarter of a second after the one before. */
export const looksPerSecond = 4

/**
 * Waits until etcd has not run for so many looks in a row. POSIX sh; exits with 1 when etcd still runs after a minute, and when the
 * runtime does not answer: that is no word that nothing runs.
 */
export const untilEtcdEnded = ({ runtime }: Context, looks: number): string => `i=0 quiet=0
while [ $quiet -lt ${looks} ]; do
  names=$( ${runtime.systemContainersScript}
  ) || exit 1
  case " $(echo $names) " in *' etcd '*) quiet=0 ;; *) quiet=$((quiet + 1)) ;; esac
  i=$((i + 1))
  [ $i -lt 240 ] || { echo 'etcd still runs a minute after its manifest was removed' >&2; exit 1; }
  sleep 0.25
done
`
