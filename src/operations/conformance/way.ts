import { type Context, controlPlanes } from '../../cluster/context.js'
import { dialDirectly } from '../../host/dial-directly.js'
import { forwardFromLoopback } from '../../host/loopback.js'
import { createHttpClient } from '../../kubernetes/client/http.js'
import { type ApiServer, operatorServer } from '../admin-kubeconfig.js'

/** How programs of this computer reach the API. */
export interface Way {
  server: ApiServer
  /** For the operator: "the endpoint", "cp1 over SSH". */
  told: string
  close(): void
}

/** An endpoint that is reached from here answers in milliseconds. */
const directMs = 5_000

/**
 * The endpoint itself, where it answers from here as the cluster that is meant; else a port of the loopback address,
 * forwarded over the SSH connection of a control plane to its API server.
 * @param ca PEM of the cluster's authority
 */
export async function wayToApi(context: Context, ca: string): Promise<Way> {
  const { spec } = context
  if (await answers(spec.endpoint, ca)) {
    const server = operatorServer(spec, '')
    return { server, told: server.url, close: () => {} }
  }
  const planes = controlPlanes(context)
  let first = 0
  const forward = await forwardFromLoopback(async () => {
    let refused: unknown
    for (let i = 0; i < planes.length; i += 1) {
      const index = (first + i) % planes.length
      const plane = planes[index]
      try {
        const stream = await plane?.host.connection.openTcp(plane.spec.address, spec.apiServer.bindPort)
        first = index
        if (stream) return stream
      } catch (error) {
        refused ??= error
      }
    }
    throw refused
  })
  return {
    server: operatorServer(spec, `127.0.0.1:${forward.port}`),
    told: `127.0.0.1:${forward.port}, forwarded over SSH (${spec.endpoint.host} does not answer from here)`,
    close: forward.close,
  }
}

async function answers({ host, port }: { host: string; port: number }, ca: string): Promise<boolean> {
  const http = createHttpClient(host, () => dialDirectly(host, port, directMs), undefined, ca, host)
  try {
    // whatever it answers: the certificate was verified
    await http.send('GET', '/version', { timeoutMs: directMs })
    return true
  } catch {
    return false
  } finally {
    http.close()
  }
}
