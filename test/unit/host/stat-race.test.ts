import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../../src/host/connection.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'

let directory: string
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-race-'))
})
afterEach(() => rmSync(directory, { recursive: true }))

/** This machine, on which something writes in the middle of the first `times` looks: after a script's line that begins so. */
function writing(
  line: string,
  write: string,
  times: number,
): { connection: Connection; asked: () => number } {
  const local = localConnection()
  let asked = 0
  return {
    asked: () => asked,
    connection: {
      ...local,
      run: (command) => {
        asked += 1
        const script = asked > times ? command.script : command.script.replace(line, `${write}; ${line}`)
        return local.run({ ...command, script })
      },
    },
  }
}

// seen: a birth ended with "could not check files: Error: x", since another step made the file in between
describe('a file that', () => {
  it('appears while it is looked at is found by another look', async () => {
    const path = join(directory, 'new')
    const { connection, asked } = writing('echo @absent', `echo made >'${path}'`, 1)
    const host = createHost('cp1', connection)
    expect(existsSync(path)).toBe(false)
    expect(await host.stat(path, { content: true })).toMatchObject({
      kind: 'file',
      content: Buffer.from('made\n'),
    })
    expect(asked()).toBe(2)
    await host.close()
  })

  it('is written anew while it is read is found as it is then', async () => {
    const path = join(directory, 'log')
    writeFileSync(path, 'one\n')
    const { connection, asked } = writing('echo @content', `date +%N >'${path}'`, 2)
    const host = createHost('cp1', connection)
    const found = await host.stat(path, { content: true })
    expect(found.kind === 'file' && found.content?.toString()).toMatch(/^\d{9}\n$/)
    expect(asked()).toBe(3)
    await host.close()
  })

  it('never stops changing cannot be checked, and that is said', async () => {
    const path = join(directory, 'busy')
    writeFileSync(path, 'one\n')
    const { connection, asked } = writing('echo @content', `date +%N >'${path}'`, 100)
    const host = createHost('cp1', connection)
    await expect(host.stat(path, { content: true })).rejects.toMatchObject({
      kind: 'connection',
      host: 'cp1',
      why: `${path} changed while it was read`,
    })
    expect(asked()).toBe(3)
    await host.close()
  })
})
