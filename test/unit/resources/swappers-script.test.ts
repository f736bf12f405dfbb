import { expect, test } from 'vitest'
import { swappersScript } from '../../../src/resources/swappers-script.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const script = '#!/bin/sh\nmkswap /x; swapon /x\n'
const unit = (exec: string): string => `[Service]\nExecStart=${exec}\n[Install]\nWantedBy=multi-user.target\n`

/** systemctl that knows what is enabled, and tells what a unit starts from its file and its drop-ins. */
const systemctl = `for u in "$@"; do :; done
echo "$1 $u" >>"$SHIMS/asked"
case $1 in
is-enabled) case " $(sed 1d "$SHIMS/enabled") " in *" $u "*) echo enabled ;; *) echo disabled; exit 1 ;; esac ;;
show) cat "$SHIMS"/root/usr/lib/systemd/system/"$u" "$SHIMS"/root/etc/systemd/system/"$u" "$SHIMS"/root/etc/systemd/system/"$u".d/* 2>/dev/null | sed -n 's/^ExecStart=//p' | tail -n 1 ;;
esac`

async function look(own: Record<string, string>, enabled: string, how = systemctl) {
  const host = shimmedHost('w1', { systemctl: how, enabled }, own)
  try {
    const said = await host.read({ script: `${swappersScript}\necho end\nexit 0` })
    const asked = await host.read({ script: 'cat "$SHIMS/asked" 2>/dev/null; exit 0' })
    return { ...said, found: said.stdout.toString().split('\n').slice(0, -2), asked: asked.stdout.toString() }
  } finally {
    host.remove()
  }
}

test('finds what enabled services start that speaks of swapon, wherever the unit file lies', async () => {
  const { found } = await look(
    {
      '/opt/swap.sh': script,
      '/etc/systemd/system/script.service': unit('-/opt/swap.sh'),
      '/usr/lib/systemd/system/vendor.service': unit('/bin/sh /opt/swap.sh now'),
      '/etc/systemd/system/direct.service': unit('/sbin/swapon -a'),
      '/etc/systemd/system/cut.service': unit('/bin/sh -c \\\n  "swapon /x"'),
      '/usr/lib/systemd/system/dropped.service': unit('/bin/true'),
      '/etc/systemd/system/dropped.service.d/o.conf': '[Service]\nExecStart=\nExecStart=/opt/swap.sh\n',
      '/etc/systemd/system/linked.service': '-> ../../../opt/linked.service',
      '/opt/linked.service': unit('/opt/swap.sh'),
    },
    'script.service vendor.service direct.service cut.service dropped.service linked.service',
  )
  // what ExecStart leads to is asked of systemd, whose shim has no continued lines
  expect(found.toSorted()).toEqual(
    ['direct', 'dropped', 'linked', 'script', 'vendor'].map((name) => `swapper ${name}.service`),
  )
})

test('takes nothing for such: not enabled, another program, a binary, a comment, what is known, no longer started', async () => {
  const { found, asked } = await look(
    {
      '/opt/swap.sh': script,
      '/opt/other.sh': '#!/bin/sh\nexit 0\n',
      '/opt/binary': '\u0000\u0001swapon',
      '/opt/text': 'swapon',
      '/etc/systemd/system/off.service': unit('/opt/swap.sh'),
      '/etc/systemd/system/other.service': unit('/opt/other.sh'),
      '/etc/systemd/system/binary.service': unit('/opt/binary'),
      '/etc/systemd/system/text.service': unit('/opt/text'),
      '/etc/systemd/system/comment.service': '# ExecStart=/opt/swap.sh\nDescription=swapon\n',
      '/etc/systemd/system/zramswap.service': unit('/opt/swap.sh'),
      '/etc/systemd/system/reset.service': unit('/opt/swap.sh'),
      '/etc/systemd/system/reset.service.d/o.conf': '[Service]\nExecStart=\nExecStart=/bin/true\n',
    },
    'other.service binary.service text.service comment.service zramswap.service reset.service',
  )
  expect(found).toEqual([])
  // of all units of a machine, systemd is asked about these alone
  expect(asked.trim().split('\n')).toEqual([
    'is-enabled off.service',
    'is-enabled reset.service',
    'show reset.service',
  ])
})

test('finds instances of a template that something wants', async () => {
  const wants = '/etc/systemd/system/multi-user.target.wants/swap@one.service'
  const own = {
    '/opt/swap.sh': script,
    '/usr/lib/systemd/system/swap@.service': unit('/opt/swap.sh %i'),
    '/usr/lib/systemd/system/swap@one.service': unit('/opt/swap.sh one'),
  }
  expect((await look({ ...own, [wants]: '-> /x' }, 'swap@one.service')).found).toContain(
    'swapper swap@one.service',
  )
})

test('is no answer where systemd does not say whether a unit is enabled', async () => {
  const own = { '/opt/swap.sh': script, '/etc/systemd/system/x.service': unit('/opt/swap.sh') }
  const silent = await look(own, '', 'echo "Failed to connect to bus" >&2; exit 1')
  expect([silent.code, silent.stderr]).toEqual([1, 'Failed to connect to bus\n'])
  const mute = await look(own, '', 'case $1 in is-enabled) echo enabled ;; *) exit 1 ;; esac')
  expect(mute.code).toBe(1)
})

test('finds rc.local and crontabs', async () => {
  const { found } = await look({ '/etc/rc.local': script, '/etc/cron.d/x': '@reboot root swapon /x\n' }, '')
  expect(found).toEqual(['swapper /etc/rc.local', 'swapper /etc/cron.d/x'])
})
