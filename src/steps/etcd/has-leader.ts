import { request } from 'node:http'
import type { Machine } from '../../cluster/machine.js'
import { etcdMetricsPort } from '../../kubernetes/etcd/flags.js'

const withinMs = 5_000
/** More than a member's metrics have, by far. */
const limitBytes = 16 << 20

/**
 * Whether a member knows a leader, by its metrics, which it tells on the loopback also while it serves no client: since its start
 * it was part of no quorum (etcd's embed.StartEtcd serves metrics at once, and clients after ReadyNotify).
 * Throws when it does not say.
 */
export async function hasLeader({ host, spec }: Machine): Promise<boolean> {
  const loopback = spec.address.includes(':') ? '::1' : '127.0.0.1'
  const stream = await host.connection.openTcp(loopback, etcdMetricsPort)
  try {
    const text = await new Promise<string>((resolve, reject) => {
      const asked = request(
        { createConnection: () => stream, path: '/metrics', signal: AbortSignal.timeout(withinMs) },
        (answer) => {
          const parts: Buffer[] = []
          let bytes = 0
          answer.on('data', (part: Buffer) => {
            bytes += part.length
            if (bytes > limitBytes) answer.destroy(new Error('its metrics do not end'))
            else parts.push(part)
          })
          answer.once('end', () => resolve(Buffer.concat(parts).toString()))
          answer.once('error', reject)
        },
      )
      asked.once('error', reject)
      asked.end()
    })
    const said = /^etcd_server_has_leader ([01])$/m.exec(text)?.[1]
    if (said === undefined) throw new Error(`${host.name}: etcd does not tell whether it has a leader`)
    return said === '1'
  } finally {
    stream.destroy()
  }
}
