import { visibleLine } from '../lib/visible.js'

/** Taken shared by every mutation of a run, exclusively by its successor; see run-scripts.ts. Holds what `noteUnderWay` wrote. */
export const lock = '/run/kubestrap/lock'

/** Notes the mutation "$1" of this shell, which holds the lock as descriptor 9: "PID WHAT". No failure of it matters. */
export const noteUnderWay = `printf '%s %s\\n' $$ "$1" >&9 2>/dev/null`

/** Prints "doing SECONDS WHAT" for each mutation that holds the lock now, and for how long it has been at work. */
export const tellUnderWay = `
find /proc/[0-9]*/fd -lname ${lock} 2>/dev/null | cut -d/ -f3 | sort -u | while read -r p; do
  what=$(sed -n "s/^$p //p" ${lock} | tail -n 1 | cut -c1-300)
  # field 22 of proc(5)'s stat; the name in brackets may hold blanks
  began=$(sed 's/.*) //' /proc/$p/stat 2>/dev/null | cut -d' ' -f20)
  [ -n "$what" ] && [ -n "$began" ] || continue
  hz=$(getconf CLK_TCK 2>/dev/null) || hz=100
  printf 'doing %s %s\\n' $(($(cut -d. -f1 /proc/uptime) - began / hz)) "$what"
done
`

/** A mutation's name as it is noted: one line, whatever its paths hold. */
export const asNoted = (what: string): string => visibleLine(what).slice(0, 200)

/** What `tellUnderWay` printed, for people: "install packages etcd (for 12 s)"; undefined when nothing is known. */
export function underWay(stdout: string): string | undefined {
  const all = stdout.split('\n').flatMap((line) => {
    const [, seconds, what = ''] = /^doing (-?\d+) (.+)$/.exec(line) ?? []
    // in a container /proc/uptime may be the container's own
    const since = Number(seconds) >= 0 ? ` (for ${seconds} s)` : ''
    return what === '' ? [] : [`${visibleLine(what)}${since}`]
  })
  return all.length > 0 ? all.join('; ') : undefined
}
