import { expect, test } from 'vitest'
import { swapOff } from '../../../src/resources/swap-off.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const look = async (systemctl: string) => {
  const host = shimmedHost('w1', { systemctl, mktemp: 'mkdir -p "$SHIMS/boot"; echo "$SHIMS/boot"' })
  try {
    return await swapOff(host).probe()
  } finally {
    host.remove()
  }
}
const units = (text: string, code = 0): string =>
  `case $1 in list-unit-files) ${text}; exit ${code} ;; *) exit 1 ;; esac`

test('units of type swap that the next boot starts, without those that are masked or made meanwhile', async () => {
  const seen = await look(
    units(
      "printf '%s\\n' 'a.swap enabled enabled' 'b.swap masked enabled' 'c.swap generated -' 'd.swap static -'",
    ),
  )
  expect(seen.units).toEqual(['a.swap', 'd.swap'])
})

test('no unit is an answer, which systemctl gives with exit code 1', async () => {
  expect((await look(units(':', 1))).units).toEqual([])
})

test('a systemctl that could not list them is no machine without swap', async () => {
  await expect(look(units('echo "Failed to connect to bus" >&2', 1))).rejects.toMatchObject({
    message: 'could not check for swap',
    host: 'w1',
  })
})

test('services that make swap by themselves are found by their being enabled', async () => {
  const seen = await look('[ "$1" = is-enabled ] && case $* in *zramswap.service) exit 0 ;; esac; exit 1')
  expect(seen.services).toEqual(['zramswap.service'])
})
