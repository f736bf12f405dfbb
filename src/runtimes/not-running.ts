/**
 * For scripts that ask a runtime by its client. A client that fails has not said "nothing": that is known only where
 * neither the daemon runs nor a shim, of which every running container has one. `stopped DAEMON CLIENT` is true there
 * and prints why not otherwise. Names as /proc/PID/comm has them, which holds 15 characters. POSIX sh.
 */
export const stoppedFunction = `
stopped() {
  for name in "$1" containerd-shim; do
    ! grep -qsx -- "$name" /proc/[0-9]*/comm || { echo "$name runs, and $2 does not tell what it runs" >&2; return 1; }
  done
}
`
