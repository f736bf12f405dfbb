import { afterEach, expect, test } from 'vitest'
import { unitsChanged } from '../../../src/host/mutate-script.js'
import { enableUnit } from '../../../src/resources/enable-unit.js'
import { type ShimmedHost, shimmedHost } from '../../support/shimmed-host.js'

let host: ShimmedHost | undefined
afterEach(() => host?.remove())

/** What systemctl is asked for beside its questions, where it answers so. */
async function asked(show: string, isEnabled: boolean, isMarked: boolean): Promise<[number, string[]]> {
  host = shimmedHost('w1', {
    systemctl: `case $1 in
show) printf '${show}' ;;
is-enabled) ${isEnabled ? 'true' : 'false'} ;;
*) echo "$*" >>"$SHIMS/asked" ;;
esac`,
  })
  const mark = `"$SHIMS/mark"`
  const done = await host.read({
    script: `${isMarked ? `: >${mark}\n` : ''}${enableUnit.replaceAll(unitsChanged, mark)}
enable_unit x.service; c=$?
[ ! -e ${mark} ] || echo 'mark left'
cat "$SHIMS/asked" 2>/dev/null; exit $c`,
  })
  return [done.code, done.stdout.toString().trim().split('\n').filter(Boolean)]
}

const known = 'LoadState=loaded\\nNeedDaemonReload=no\\n'

test.each<[string, string, boolean, boolean, string[]]>([
  ['knows it as it is', known, true, false, []],
  ['does not start it at boot', known, false, false, ['enable --quiet --no-reload -- x.service']],
  [
    'says itself that it changed',
    'LoadState=loaded\\nNeedDaemonReload=yes\\n',
    true,
    false,
    ['daemon-reload'],
  ],
  ['knows no such unit', 'LoadState=not-found\\nNeedDaemonReload=no\\n', true, false, ['daemon-reload']],
  ['gives no whole answer', '', true, false, ['daemon-reload']],
  ['believes that nothing changed, after a file of it was written', known, true, true, ['daemon-reload']],
])('systemd %s', async (_, show, isEnabled, isMarked, wanted) => {
  expect(await asked(show, isEnabled, isMarked)).toEqual([0, wanted])
})
