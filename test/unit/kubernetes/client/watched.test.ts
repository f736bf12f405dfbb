import type { IncomingMessage, ServerResponse } from 'node:http'
import { afterEach, expect, it } from 'vitest'
import { createKubeClient } from '../../../../src/kubernetes/client/kube-client.js'
import { nameOf } from '../../../../src/kubernetes/read.js'
import { against, closeServers } from '../../../support/tls-api.js'

afterEach(closeServers)

const nodes = { apiVersion: 'v1', kind: 'Node' }
const node = (name: string, resourceVersion: string) => ({ metadata: { name, resourceVersion } })
const event = (type: string, object: unknown): string => `${JSON.stringify({ type, object })}\n`
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** An API server of one Node at version 5, and who watches it. */
async function apiServer(
  watch: (request: IncomingMessage, response: ServerResponse) => void,
  now?: () => number,
) {
  const asked: string[] = []
  const { client: http, streams } = await against((request, response) => {
    asked.push(request.url ?? '')
    if (request.url?.includes('watch=1')) watch(request, response)
    else response.end(JSON.stringify({ metadata: { resourceVersion: '5' }, items: [node('cp1', '5')] }))
  })
  return { kube: createKubeClient(http, now), asked, streams }
}

it('what is awaited is listed, then watched from that version on, and then told by the watch alone', async () => {
  let to: ServerResponse | undefined
  const { kube, asked, streams } = await apiServer((_, response) => {
    response.writeHead(200)
    response.write(event('BOOKMARK', { metadata: { resourceVersion: '6' } }))
    to = response
  })
  const names = async () => (await kube.watched(nodes)).map(nameOf)
  while (to === undefined) {
    expect(await names()).toEqual(['cp1'])
    await pause(20)
  }
  await pause(50)
  const before = asked.length
  to.write(event('ADDED', node('wé', '7')))
  while ((await names()).length === 1) await pause(5)
  expect(await names()).toEqual(['cp1', 'wé'])
  expect(asked).toHaveLength(before)
  expect(asked.at(-1)).toBe('/api/v1/nodes?watch=1&resourceVersion=5&timeoutSeconds=300')
  kube.close()
  while (streams.some(({ closed }) => !closed)) await pause(5)
})

it.each<[string, (response: ServerResponse) => void]>([
  ['says that the version is too old', (response) => response.writeHead(410).end()],
  ['tells of it in an event', (response) => response.end(event('ERROR', { code: 410, reason: 'Expired' }))],
  ['says what is no event', (response) => response.end('<html>\n')],
  ['is cut', (response) => response.socket?.destroy()],
])('what is awaited is listed as ever where the watch %s', async (_, end) => {
  let now = 0
  const { kube, asked } = await apiServer(
    (_request, response) => end(response),
    () => now,
  )
  for (; now < 650; now += 20, await pause(20))
    expect((await kube.watched(nodes)).map(nameOf)).toEqual(['cp1'])
  const watches = asked.filter((path) => path.includes('watch'))
  expect(watches).toHaveLength(1)
  expect(asked.length - watches.length).toBeGreaterThanOrEqual(3)
  expect(asked.length - watches.length).toBeLessThanOrEqual(4)
  kube.close()
})
