import { expect, test } from 'vitest'
import { maskedUnit } from '../../../src/resources/masked-unit.js'
import { shimmedHost } from '../../support/shimmed-host.js'

const look = async (systemctl: string): Promise<string> => {
  const host = shimmedHost('e1', { systemctl })
  try {
    return await maskedUnit(host, 'etcd.service').probe()
  } finally {
    host.remove()
  }
}

test('masked, enabled, and a unit that is not there are answers', async () => {
  expect(await look('echo masked; exit 1')).toBe('masked')
  expect(await look('echo enabled')).toBe('enabled')
  expect(
    await look('[ "$1" = show ] || { echo "No such file" >&2; exit 1; }; echo LoadState=not-found'),
  ).toBe('')
})

test('a systemctl that cannot ask is no unit that is not masked', async () => {
  await expect(look('echo "Failed to connect to bus" >&2; exit 1')).rejects.toMatchObject({
    message: 'could not check etcd.service',
    host: 'e1',
    why: 'Failed to connect to bus\n',
  })
})
