import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { swapOff } from '../../../src/resources/swap-off.js'
import { armbianSwap, swapServices } from '../../../src/resources/swap-script.js'
import { unseen } from '../../support/apply-now.js'
import { type ShimmedHost, shimmedHost } from '../../support/shimmed-host.js'

const open: ShimmedHost[] = []
/** Units are there; whether they are enabled is what systemctl says. */
const units = Object.fromEntries(
  [...swapServices, armbianSwap.unit].map((unit) => [`/usr/lib/systemd/system/${unit}`, '[Service]\n']),
)
afterEach(() => {
  for (const host of open.splice(0)) host.remove()
})

/** systemctl of a machine where nothing is enabled that is not named. */
const nothingEnabled = `[ "$1" = is-enabled ] || exit 0
echo "Failed to get unit file state for $2: No such file or directory" >&2; exit 1`
const enabled = (unit: string): string => `case "$1 $2" in 'is-enabled ${unit}') echo enabled; exit 0 ;; esac
${nothingEnabled}`

function machine(systemctl: string, own: Record<string, string> = {}): ShimmedHost {
  // each tells what it was asked to change
  const tell = (name: string, then = ':'): string => `echo "${name} $*" >>"$SHIMS/asked"; ${then}`
  const shims = { systemctl: tell('systemctl', systemctl), swapoff: tell('swapoff') }
  const host = shimmedHost('w1', shims, {
    '/proc/swaps': 'Filename Type\n',
    '/etc/systemd/system.conf': '',
    ...units,
    ...own,
  })
  open.push(host)
  return host
}
const look = (systemctl: string, own?: Record<string, string>) => swapOff(machine(systemctl, own)).probe()

/** What the change script did: what it asked for, what the ledger says, and the file of a path afterwards. */
async function turnedOff(systemctl: string, own?: Record<string, string>) {
  const host = machine(systemctl, own)
  const outcomes: number[] = []
  // fakeHost gives exit codes back as they are
  const mutate = host.mutate
  const step = swapOff({
    ...host,
    mutate: async (command) => {
      const done = await mutate(command)
      outcomes.push(done.code)
      return done
    },
  })
  await step.apply([], unseen)
  const file = (path: string): string | undefined =>
    existsSync(join(host.root, path)) ? readFileSync(join(host.root, path), 'utf8') : undefined
  const asked = readFileSync(join(host.root, '..', 'asked'), 'utf8').split('\n')
  return {
    code: outcomes[0],
    asked: asked.filter((line) => line !== '' && !line.includes('is-enabled')),
    ledger: (file('var/lib/kubestrap/ledger') ?? '').replaceAll(host.root, '').split('\n').filter(Boolean),
    before: (path: string) => file(join('var/lib/kubestrap/before', host.root, path)),
    file,
  }
}

describe('the look for swap', () => {
  test('finds units of type swap that the next boot starts, without those that are masked or made meanwhile', async () => {
    const seen = await look(nothingEnabled, {
      '/etc/systemd/system/a.swap': '[Swap]\nWhat=/a\n',
      '/usr/lib/systemd/system/b.swap': '[Swap]\nWhat=/b\n',
      '/etc/systemd/system/b.swap': '-> /dev/null',
      '/usr/lib/systemd/system/d.swap': '[Swap]\nWhat=/d\n',
      '/etc/systemd/system/e.swap': '',
      '/run/systemd/generator/f.swap': '[Swap]\nWhat=/f\n',
      '/etc/systemd/system/swap.target.wants/g.swap': '[Swap]\nWhat=/g\n',
    })
    expect(seen.units).toEqual(['a.swap', 'd.swap'])
  })

  test('finds units that a generator would make', async () => {
    const generator = '#!/bin/sh\necho x >"$1/dev-sda2.swap"; echo x >"$1/dev-sda3.swap"\n'
    const seen = await look(nothingEnabled, {
      '/usr/lib/systemd/system-generators/systemd-fstab-generator': generator,
      '/etc/systemd/system/dev-sda3.swap': '-> /dev/null',
    })
    expect(seen.units).toEqual(['dev-sda2.swap'])
  })

  test('finds what is swapped to, and a zram-generator that is configured', async () => {
    const seen = await look(nothingEnabled, {
      '/proc/swaps': 'Filename Type Size\n/dev/zram0 partition 1\n',
      '/usr/lib/systemd/zram-generator.conf': '[zram0]\n',
    })
    expect(seen).toMatchObject({ active: ['/dev/zram0'], zram: ['/usr/lib/systemd/zram-generator.conf'] })
  })

  test('finds services that make swap by themselves by their being enabled', async () => {
    expect((await look(enabled('zramswap.service'))).services).toEqual(['zramswap.service'])
    const armbian = enabled('armbian-zram-config.service')
    expect((await look(armbian)).services).toEqual(['armbian-zram-config.service'])
    const off = { '/etc/default/armbian-zram-config': ' SWAP=false\n' }
    expect((await look(armbian, off)).services).toEqual([])
  })

  test('asks systemd about those services alone that it has something to read of', async () => {
    const bare = async (own: Record<string, string>): Promise<string[]> => {
      const tells = 'echo "$2" >>"$SHIMS/asked"; echo disabled; exit 1'
      const host = shimmedHost('w1', { systemctl: tells }, { '/proc/swaps': '', ...own })
      open.push(host)
      await swapOff(host).probe()
      const asked = join(host.root, '..', 'asked')
      return existsSync(asked) ? readFileSync(asked, 'utf8').trim().split('\n') : []
    }
    expect(await bare({})).toEqual([])
    expect(
      await bare({
        '/etc/systemd/system/zramswap.service': '-> /nowhere',
        '/run/systemd/generator/zram-swap.service': '',
        '/etc/init.d/dphys-swapfile': '',
        '/etc/rc.d/init.d/swapspace': '',
      }),
    ).toEqual(['zramswap.service', 'zram-swap.service', 'dphys-swapfile.service', 'swapspace.service'])
  })

  test.each([
    ['the services', 'echo "Failed to connect to bus: Connection refused" >&2; exit 1'],
    [
      'the last of them',
      `[ "$2" != armbian-zram-config.service ] || { echo "Connection timed out" >&2; exit 1; }\n${nothingEnabled}`,
    ],
  ])('is no machine without swap where systemd does not answer for %s', async (_, systemctl) => {
    await expect(look(systemctl)).rejects.toMatchObject({
      message: 'could not check for swap',
      host: 'w1',
      why: expect.stringMatching(/Failed to connect|timed out/),
    })
  })

  test('is no machine without swap where unit files cannot be listed', async () => {
    const host = machine(nothingEnabled)
    const broken = shimmedHost(
      'w1',
      { systemctl: nothingEnabled, find: 'echo "find: Input/output error" >&2; exit 1' },
      {},
    )
    open.push(broken)
    await expect(swapOff(broken).probe()).rejects.toMatchObject({ why: 'find: Input/output error\n' })
    await expect(swapOff(host).probe()).resolves.toBeDefined()
  })
})

describe('the change that turns swap off', () => {
  test('on a machine without any only reloads systemd and notes nothing', async () => {
    const { code, asked, ledger } = await turnedOff(nothingEnabled)
    expect([code, asked, ledger]).toEqual([0, ['systemctl daemon-reload', 'swapoff -a'], []])
  })

  test('disables services and masks units, each noted before', async () => {
    const done = await turnedOff(enabled('zramswap.service'), {
      '/etc/systemd/system/a.swap': '[Swap]\nWhat=/a\n',
      '/usr/lib/systemd/system/b.swap': '[Swap]\nWhat=/b\n',
    })
    expect(done.code).toBe(0)
    expect(done.asked).toEqual([
      'systemctl disable --quiet --now zramswap.service',
      'systemctl mask --quiet -- a.swap',
      'systemctl mask --quiet -- b.swap',
      'systemctl daemon-reload',
      'swapoff -a',
    ])
    expect(done.ledger).toEqual([
      '2\tdisabled\tzramswap.service\t',
      '2\tmasked\ta.swap\t',
      '2\tmasked\tb.swap\t',
    ])
  })

  test('overrides the configuration of zram-generator by an empty file, and keeps one that was in its place', async () => {
    const path = '/etc/systemd/zram-generator.conf'
    const vendor = await turnedOff(nothingEnabled, { '/usr/lib/systemd/zram-generator.conf': '[zram0]\n' })
    expect([vendor.code, vendor.file(path), vendor.ledger]).toEqual([0, '', [`2\tfile\t${path}\tcreated`]])
    const own = await turnedOff(nothingEnabled, { [path]: '[zram0]\nzram-size = ram\n' })
    expect([own.file(path), own.before(path)]).toEqual(['', '[zram0]\nzram-size = ram\n'])
    expect(own.ledger).toEqual([`2\tfile\t${path}\treplaced`])
  })

  test('turns off the swap of Armbian alone, and keeps its file', async () => {
    const path = '/etc/default/armbian-zram-config'
    const done = await turnedOff(enabled('armbian-zram-config.service'), {
      [path]: 'ENABLED=true\nSWAP=true\n',
    })
    expect([done.code, done.file(path), done.before(path)]).toEqual([
      0,
      'ENABLED=true\nSWAP=false\n',
      'ENABLED=true\nSWAP=true\n',
    ])
    expect(done.asked).toEqual(['systemctl daemon-reload', 'swapoff -a'])
  })

  test.each([
    ['a service cannot be disabled', `[ "$1" != disable ] || exit 4\n${enabled('zramswap.service')}`, {}],
    [
      'a unit cannot be masked',
      `[ "$1" != mask ] || exit 4\n${nothingEnabled}`,
      { '/etc/systemd/system/a.swap': 'x' },
    ],
    ['systemd does not say what is enabled', 'echo "Failed to connect to bus" >&2; exit 1', {}],
  ])('fails where %s, and goes no further', async (_, systemctl, own) => {
    const { code, asked } = await turnedOff(systemctl, own)
    expect(code).not.toBe(0)
    expect(asked).not.toContain('swapoff -a')
  })
})
