/**
 * The shell function `unit_file_state UNIT`: prints "enabled", "disabled", "static", "masked" and so on, and nothing
 * for a unit that is not there; fails where systemd could not be asked. It asks `is-enabled`, which reads the disk, and
 * not the property UnitFileState: systemd keeps that as it was when a unit that is still loaded (it runs, it failed) was
 * first asked about, and an enable without a reload does not change it (tried with systemd 252).
 */
export const unitFileState = `
unit_file_state() {
  file_state=$(systemctl is-enabled -- "$1" 2>/dev/null) || :
  # of a unit that is not there older systemd says nothing, which a systemctl that could not ask does too
  [ -n "$file_state" ] || systemctl show -p LoadState -- "$1" >/dev/null || return
  [ "$file_state" = not-found ] || printf '%s\\n' "$file_state"
}
`
