import { unitsChanged } from '../host/mutate-script.js'

/**
 * The shell function `enable_unit UNIT`: systemd knows the unit as it is on disk now, and starts it at boot. systemd reads
 * its files anew only where some were written, or it says so itself: each time it runs a dozen generators, and `enable`
 * would once more. Both are asked: its own answer compares modification times, which a clock that was set back makes wrong.
 */
export const enableUnit = `
enable_unit() {
  known=$(systemctl show -p LoadState -p NeedDaemonReload -- "$1") || return
  case $known in *LoadState=loaded*) ;; *) known= ;; esac
  case $known in *NeedDaemonReload=no*) ;; *) known= ;; esac
  if [ -z "$known" ] || [ -e ${unitsChanged} ]; then
    rm -f ${unitsChanged} && systemctl daemon-reload || return
  fi
  systemctl is-enabled --quiet -- "$1" 2>/dev/null || systemctl enable --quiet --no-reload -- "$1"
}
`
