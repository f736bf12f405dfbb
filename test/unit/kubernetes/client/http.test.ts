import { Duplex } from 'node:stream'
import { describe, expect, it } from 'vitest'
import { createHttpClient } from '../../../../src/kubernetes/client/http.js'

/** A stream to a server that takes everything and never says a word. */
const silent = (): Duplex =>
  new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      done()
    },
  })

describe('a request', () => {
  it('ends when its stream closes in the middle of the handshake', async () => {
    const http = createHttpClient('cp1', async () => {
      const stream = silent()
      setTimeout(() => stream.destroy(), 50)
      return stream
    })
    await expect(http.send('GET', '/readyz')).rejects.toThrow('closed during the TLS handshake')
    http.close()
  })

  it('ends at its deadline when the server takes the connection and never shakes hands', async () => {
    const streams: Duplex[] = []
    const http = createHttpClient('cp1', async () => {
      const stream = silent()
      streams.push(stream)
      return stream
    })
    await expect(http.send('GET', '/readyz', { timeoutMs: 100 })).rejects.toThrow('no answer within 0.1 s')
    http.close()
    for (const stream of streams) stream.destroy()
  })

  it('ends with the words of whoever could not open a stream', async () => {
    const http = createHttpClient('cp1', async () => {
      throw new Error('cannot reach it')
    })
    await expect(http.send('GET', '/readyz')).rejects.toThrow('cannot reach it')
    http.close()
  })
})
