import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { hasLeader } from '../../../../src/steps/etcd/has-leader.js'
import { machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'

const closed: (() => void)[] = []
afterEach(() => {
  for (const close of closed.splice(0)) close()
})

/** A machine whose port for etcd's metrics is this server. */
async function telling(listener: RequestListener, asked: unknown[] = []) {
  const server = createServer(listener)
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  closed.push(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  const host = fakeHost('cp1')
  const openTcp = async (...where: unknown[]) => {
    asked.push(where)
    return connect(port, '127.0.0.1')
  }
  return { ...machine({ name: 'cp1' }), host: { ...host, connection: { ...host.connection, openTcp } } }
}

// lines of etcd 3.6.8's /metrics
const metrics = (
  leads: string,
): string => `# HELP etcd_server_has_leader Whether or not a leader exists. 1 is existence, 0 is not.
# TYPE etcd_server_has_leader gauge
etcd_server_has_leader ${leads}
etcd_server_is_leader 0
`

test.each([
  ['1', true],
  ['0', false],
])('a member says %s by its metrics on the loopback', async (leads, expected) => {
  const asked: unknown[] = []
  const one = await telling(
    (request, answer) => answer.end(request.url === '/metrics' ? metrics(leads) : ''),
    asked,
  )
  expect(await hasLeader(one)).toBe(expected)
  expect(asked).toEqual([['127.0.0.1', 2381]])
})

test('what does not say it is no word', async () => {
  const other = await telling((_, answer) => answer.end('etcd_server_is_leader 0\n'))
  await expect(hasLeader(other)).rejects.toThrow('cp1: etcd does not tell whether it has a leader')
  const cut = await telling((_, answer) => {
    answer.write('etcd_server_has')
    answer.destroy()
  })
  await expect(hasLeader(cut)).rejects.toThrow()
})
