import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import type { Connection } from '../../../src/host/connection.js'
import { createHost } from '../../../src/host/remote-host.js'
import { takeOverScript } from '../../../src/host/run-scripts.js'

/** Lets a run take the host over, and is gone by the next command. */
const soonLost: Connection = {
  description: 'soon lost',
  run: async ({ script }) =>
    script === takeOverScript
      ? { kind: 'exited', code: 0, stdout: Buffer.from('end\n'), stderr: '' }
      : { kind: 'lost', reason: 'the connection closed' },
  openTcp: async () => {
    throw new Error('the connection closed')
  },
  close: async () => {},
}

it.each([undefined, () => {}])(
  'an upload whose connection is lost before it is read lets go of its file',
  async (onBytes) => {
    const host = createHost('cp1', soonLost)
    await host.takeOver('epoch')
    const source = new Readable({ read() {} })
    const closed = new Promise((resolve) => source.once('close', resolve))
    const options = { sha256: '', mode: '0644', ...(onBytes ? { onBytes } : {}) }
    await expect(host.upload(source, '/x', options)).rejects.toMatchObject({ kind: 'step' })
    await closed
  },
)
