/**
 * A test of sh: something listens on the TCP port in this variable, as /proc/net/tcp has it ('1' for "$1"). 0A is LISTEN.
 */
export const listens = (variable: string): string =>
  `grep -qs ":$${variable} [0-9A-F]*:0000 0A " /proc/net/tcp /proc/net/tcp6`

/** Prints those of the TCP ports "$@", as /proc/net/tcp has them, on which something listens; fails where that cannot be seen. POSIX sh. */
export const listeningScript = `cat /proc/net/tcp >/dev/null || exit 1
for port in "$@"; do ${listens('port')} && echo "$port"; done
exit 0`

/**
 * Waits until something listens on a TCP port of the machine, a minute at most; for scripts, POSIX sh.
 * `until_listening PORT WHAT [COMMAND …]`: PORT as /proc/net/tcp has it ('' for none), WHAT as messages name it;
 * a COMMAND that fails ends the waiting, and has said why. `still_active UNIT` is one: systemd calls a program
 * active that is about to end.
 */
export const untilListening = `
until_listening() {
  port=$1
  what=$2
  shift 2
  i=0
  while [ -n "$port" ] && ! ${listens('port')}; do
    [ $# -eq 0 ] || "$@" || exit 1
    i=$((i + 1))
    [ $i -lt 240 ] || { echo "$what did not listen on its port within 60 s" >&2; exit 1; }
    sleep 0.25
  done
}
still_active() {
  state=$(systemctl show -p ActiveState --value -- "$1")
  [ "$state" = active ] || { echo "$1 exited at once after its start (is $state)" >&2; return 1; }
}
`

/** A port as /proc/net/tcp has it: 10250 is "280A". '' for none. */
export function asProcNetHas(port: number | undefined): string {
  return port ? port.toString(16).toUpperCase().padStart(4, '0') : ''
}
