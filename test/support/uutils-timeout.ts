import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A directory with a `timeout` that ends as that of uutils coreutils 0.8.0 (Ubuntu 26.04) does: TERM goes to the group, KILL to its
 * child alone. To be removed by `remove`.
 */
export function uutilsTimeout(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'ks-uutils-'))
  writeFileSync(
    join(path, 'timeout'),
    `#!/bin/sh
[ "$1" = -k ] || exit 125
later=$2 seconds=$3
shift 3
setsid "$@" 5<&0 <&5 5<&- &
child=$!
( exec >/dev/null 2>&1 3<&- 4>&- 6>&- 7>&-
  sleep "$seconds"; kill -TERM "-$child" || exit; sleep "$later"; kill -KILL "$child" ) &
watch=$!
wait "$child"
code=$?
kill "$watch" 2>/dev/null
exit "$code"
`,
    { mode: 0o755 },
  )
  return { path, remove: () => rmSync(path, { recursive: true }) }
}
