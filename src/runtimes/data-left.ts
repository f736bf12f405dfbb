/**
 * Prints those of these directories that hold something: packages leave the data of their daemons, which may be
 * somebody else's images and volumes, too. POSIX sh.
 */
export const dataLeft = (directories: readonly string[]): string =>
  `for d in ${directories.join(' ')}; do [ -z "$(ls -A "$d" 2>/dev/null)" ] || echo "$d: its package leaves its data; remove it if it is of no use"; done`
