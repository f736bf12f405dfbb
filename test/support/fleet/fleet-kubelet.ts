import { readFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { createHttpClient, type HttpClient } from '../../../src/kubernetes/client/http.js'
import { parseKubeconfig } from '../../../src/pki/parse-kubeconfig.js'
import { nodeObject } from '../simulated/node-object.js'
import type { Kubelet } from './replayed-host.js'

/**
 * The kubelets of hosts that are replayed, as far as the cluster sees them: their Nodes, kept with the administrator's
 * credentials.
 * @param adminConf path of admin.conf, read when it is first needed
 * @param server where the API server is
 */
export function fleetKubelet(adminConf: string, server: { host: string; port: number }): Kubelet {
  let client: HttpClient | undefined
  const addresses = new Map<string, string>()
  const send = async (
    method: string,
    path: string,
    body: unknown,
    right: readonly number[],
  ): Promise<void> => {
    client ??= createHttpClient(
      server.host,
      async () => createConnection(server.port, server.host),
      parseKubeconfig(readFileSync(adminConf, 'utf8')).credentials,
    )
    const answer = await client.send(method, path, {
      body,
      ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
    })
    if (!right.includes(answer.status)) throw new Error(`${method} ${path}: ${answer.status} ${answer.body}`)
  }
  return {
    join: async (name, address) => {
      addresses.set(name, address)
      await send('POST', '/api/v1/nodes', nodeObject({ name, address, ready: false }), [201, 409])
    },
    ready: async (name) => {
      const { status } = nodeObject({ name, address: addresses.get(name) ?? '', ready: true })
      await send('PATCH', `/api/v1/nodes/${name}/status`, { status }, [200])
    },
  }
}
