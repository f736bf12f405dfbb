import { afterEach, describe, expect, test } from 'vitest'
import { unitRuns } from '../../../src/resources/unit-runs.js'
import { settledState, unitState } from '../../../src/resources/unit-state.js'
import { type ShimmedHost, shimmedHost } from '../../support/shimmed-host.js'

const hosts: ShimmedHost[] = []
afterEach(() => {
  for (const host of hosts.splice(0)) host.remove()
})

/**
 * A host whose systemctl counts its calls, and answers as that of systemd 252 does: for each unit a file UNIT has its ActiveState, and
 * UNIT.enabled what is-enabled prints.
 */
function hostWith(units: Readonly<Record<string, string>>, more = '') {
  const files = Object.entries(units).map(([name, text]) => `printf '%s' '${text}' >"$SHIMS/${name}"`)
  const host = shimmedHost('w1', {
    systemctl: `${files.join('\n')}
echo "$*" >>"$SHIMS/asked"
${more}
verb=$1 properties= first=1
shift
while [ "$1" != -- ]; do properties="$properties $1"; shift; done
shift
for u in "$@"; do
  case $verb in
  show)
    [ -n "$first" ] || echo
    first=
    if [ -e "$SHIMS/$u" ]; then l=loaded a=$(cat "$SHIMS/$u") s=running; else l=not-found a=inactive s=dead; fi
    for p in $properties; do
      case $p in
      LoadState) echo "LoadState=$l" ;;
      ActiveState) echo "ActiveState=$a" ;;
      SubState) echo "SubState=$s" ;;
      SourcePath) echo "SourcePath=$([ ! -e "$SHIMS/$u.init" ] || echo /etc/init.d/x)" ;;
      esac
    done
    ;;
  is-enabled) cat "$SHIMS/$u.enabled" 2>/dev/null && echo || { echo "Failed to get unit file state for $u" >&2; exit 1; } ;;
  esac
done`,
  })
  hosts.push(host)
  return {
    host,
    asked: async () =>
      (await host.read({ script: 'cat "$SHIMS/asked"' })).stdout.toString().trim().split('\n'),
  }
}

describe('units that are asked about in one turn', () => {
  test('share one systemctl for what runs, and one for what is enabled, however many ask', async () => {
    const { host, asked } = hostWith({
      'a.service': 'active',
      'a.service.enabled': 'enabled',
      'b.service': 'failed',
      'b.service.enabled': 'static',
      'c.service': 'reloading',
    })
    const said = await Promise.all([
      settledState(host, 'a.service'),
      settledState(host, 'b.service'),
      settledState(host, 'a.service'),
      unitState(host, 'a.service'),
      unitRuns(host, 'b.service'),
      unitRuns(host, 'c.service'),
    ])
    expect(said).toEqual([
      { load: 'loaded', active: 'active', sub: 'running', enabled: 'enabled' },
      { load: 'loaded', active: 'failed', sub: 'running', enabled: 'static' },
      said[0],
      { load: 'loaded', active: 'active', sub: 'running' },
      false,
      true,
    ])
    expect((await asked()).map((line) => line.replace(/ -p .*--/, ''))).toEqual([
      'show a.service b.service c.service',
      'is-enabled -- a.service b.service',
    ])
  })

  test('are told apart where some are not there, whatever is-enabled leaves out', async () => {
    const { host } = hostWith({ 'b.service': 'active', 'b.service.enabled': 'disabled' })
    const units = ['a.service', 'b.service', 'c.service', 'd.service']
    const gone = { load: 'not-found', active: 'inactive', sub: 'dead', enabled: '' }
    expect(await Promise.all(units.map((unit) => settledState(host, unit)))).toEqual([
      gone,
      { load: 'loaded', active: 'active', sub: 'running', enabled: 'disabled' },
      gone,
      gone,
    ])
  })

  test('are each asked alone where one comes from an init script, which is-enabled prints first', async () => {
    const { host, asked } = hostWith({
      'a.service': 'active',
      'a.service.enabled': 'disabled',
      'b.service': 'active',
      'b.service.init': '',
      'b.service.enabled': 'enabled',
    })
    const enabled = await Promise.all(['a.service', 'b.service'].map((unit) => settledState(host, unit)))
    expect(enabled.map((one) => one.enabled)).toEqual(['disabled', 'enabled'])
    expect((await asked()).slice(1)).toEqual(['is-enabled -- a.service', 'is-enabled -- b.service'])
  })

  test('one that is just starting is waited for by whom it matters to, and is what it is at the moment for others', async () => {
    const { host } = hostWith(
      { 'a.service.enabled': 'enabled' },
      `echo x >>"$SHIMS/calls"
if [ "$(wc -l <"$SHIMS/calls")" -lt 3 ]; then printf activating >"$SHIMS/a.service"; else printf active >"$SHIMS/a.service"; fi`,
    )
    const [settled, now] = await Promise.all([settledState(host, 'a.service'), unitState(host, 'a.service')])
    expect([settled.active, now.active]).toEqual(['active', 'activating'])
  })

  test('are unknown where systemd cannot be asked: neither running nor absent', async () => {
    const { host } = hostWith({}, 'exit 1')
    await expect(unitRuns(host, 'a.service')).rejects.toThrow('could not check a.service')
    const { host: mute } = hostWith(
      { 'a.service': 'active' },
      '[ "$1" != is-enabled ] && [ ! -e "$SHIMS/dead" ] || { : >"$SHIMS/dead"; exit 1; }',
    )
    await expect(settledState(mute, 'a.service')).rejects.toThrow('could not check a.service')
    const { host: odd } = hostWith({}, 'exit 0')
    await expect(unitState(odd, 'a.service')).rejects.toThrow('could not check a.service')
  })
})
