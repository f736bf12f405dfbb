import type { Machine } from '../../cluster/machine.js'

/** Times of a host, by its own clock, in whole seconds since 1970: only times of one clock are compared. */
export interface UnitTimes {
  now: number
  /** Since when each unit that was asked for is active, or was last. */
  started: readonly number[]
}

const script = `date +%s || exit 1
for unit; do
  since=$(systemctl show -p ActiveEnterTimestamp --value -- "$unit") || exit 1
  [ -n "$since" ] || { echo "$unit has not run since the boot" >&2; exit 1; }
  date -d "$since" +%s || exit 1
done`

/** Since when units of a host run. Throws when it cannot be told. */
export async function unitTimes({ spec, host }: Machine, units: readonly string[]): Promise<UnitTimes> {
  const answer = await host.read({
    what: `ask since when ${units.join(', ')} run`,
    logged: true,
    script,
    args: units,
  })
  const [now, ...started] = answer.stdout.toString().trim().split('\n').map(Number)
  if (
    answer.code !== 0 ||
    now === undefined ||
    started.length !== units.length ||
    ![now, ...started].every(Number.isSafeInteger)
  )
    throw new Error(`cannot tell since when ${units.join(', ')} of ${spec.name} run: ${answer.stderr.trim()}`)
  return { now, started }
}
