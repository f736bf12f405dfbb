/**
 * Where systemd looks for unit files that a boot finds again, the first taking precedence (systemd.unit(5)). Read from the disk
 * they cost nothing; `systemctl list-unit-files` has systemd read every unit and every link of the machine, half a
 * second of it.
 */
const directories = [
  '/etc/systemd/system.control',
  '/etc/systemd/system',
  '/etc/systemd/system.attached',
  '/usr/local/lib/systemd/system',
  '/usr/lib/systemd/system',
  '/lib/systemd/system',
]

/** Where it finds units besides, of this boot alone. */
const untilReboot = [
  '/run/systemd/system.control',
  '/run/systemd/transient',
  '/run/systemd/generator.early',
  '/run/systemd/system',
  '/run/systemd/system.attached',
  '/run/systemd/generator',
  '/run/systemd/generator.late',
]

/** Init scripts, of which it makes units: of Debian and SUSE, and of Red Hat. */
const initScripts = ['/etc/init.d', '/etc/rc.d/init.d']

/**
 * `unit_files FIND-EXPRESSION…` prints the paths below those directories for which it holds, each directory's in the order above; fails
 * where one cannot be read. `unit_masked NAME`: its first file is a link to /dev/null, or empty. `unit_there NAME`: systemd has
 * something to read of it; of any other `systemctl is-enabled` says that it is not found, for the price of a process. Not for
 * instances of templates. POSIX sh.
 */
export const unitFileFunctions = `
unit_directories='${directories.join(' ')}'
unit_files() {
  for unit_dir in $unit_directories; do
    [ ! -d "$unit_dir" ] || find -H "$unit_dir" -mindepth 1 "$@" || return 1
  done
}
unit_masked() {
  for unit_dir in $unit_directories; do
    [ -e "$unit_dir/$1" ] || [ -L "$unit_dir/$1" ] || continue
    [ ! -s "$unit_dir/$1" ]
    return
  done
  return 1
}
unit_there() {
  for unit_dir in $unit_directories ${untilReboot.join(' ')}; do
    if [ -e "$unit_dir/$1" ] || [ -L "$unit_dir/$1" ]; then return 0; fi
  done
  for unit_dir in ${initScripts.join(' ')}; do
    [ ! -e "$unit_dir/\${1%.service}" ] || return 0
  done
  return 1
}
`
