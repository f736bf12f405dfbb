import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/host/connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import type { HostSpec } from '../../src/inventory/spec.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'
import { freePort, noSshd, startSshd } from '../support/sshd.js'

const servers = [
  { name: 'ssh2 server', missing: () => undefined, start: startSshServer },
  { name: 'sshd', missing: noSshd, start: (files: SshFiles) => startSshd(files) },
]

describe.each(servers)('logging in by SSH: $name', ({ missing, start }) => {
  let files: SshFiles
  let server: SshServer
  const open: Connection[] = []
  beforeAll(async () => {
    if (missing()) return
    files = makeSshFiles()
    server = await start(files)
  })
  afterAll(async () => {
    await server?.stop()
    files?.remove()
  })
  beforeEach((ctx) => {
    const reason = missing()
    if (reason) ctx.skip(reason)
  })
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()))
  })

  const connect = (over: Partial<HostSpec['ssh']> = {}, operator = testOperator()): Connection => {
    const connection = sshConnection(sshHostSpec(files, server.port, over), {
      become: asIs,
      operator,
    })
    open.push(connection)
    return connection
  }
  const hello = (connection: Connection) => connection.run({ script: 'echo hello', timeoutMs: 10_000 })
  const knownHosts = (name: string, text?: string): string => {
    const file = files.path(name)
    rmSync(file, { force: true })
    if (text !== undefined) writeFileSync(file, text)
    return file
  }
  const entry = (key: string): string => `[127.0.0.1]:${server.port} ${files.publicKey(key)}\n`

  it('works with a known key', async () => {
    expect(await hello(connect())).toMatchObject({ kind: 'exited', code: 0 })
  })

  it('names user, address and port', () => {
    expect(connect().description).toBe(`root@127.0.0.1:${server.port}`)
  })

  it('refuses an unknown host key when strict, shows its fingerprint, and writes nothing', async () => {
    const file = knownHosts('empty')
    await expect(hello(connect({ knownHosts: [file] }))).rejects.toMatchObject({
      kind: 'connection',
      message: expect.stringContaining('unknown'),
      why: expect.stringContaining(files.fingerprint(files.host)),
      next: expect.stringContaining('accept-new'),
    })
    expect(() => statSync(file)).toThrow('ENOENT')
  })

  it('with accept-new remembers an unknown key in a file of mode 0600, and knows it then', async () => {
    const file = knownHosts('deep/new')
    await hello(connect({ knownHosts: [file], hostKeys: 'accept-new' }))
    expect(readFileSync(file, 'utf8')).toBe(entry(files.host))
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    expect(await hello(connect({ knownHosts: [file] }))).toMatchObject({ kind: 'exited' })
  })

  it('with accept-new keeps what the file holds, unfinished last line too, and adds a key once', async () => {
    const file = knownHosts('others', 'other.lab ssh-ed25519 AAAA')
    const ways = [1, 2, 3, 4].map(() => connect({ knownHosts: [file], hostKeys: 'accept-new' }))
    await Promise.all(ways.map(hello))
    expect(readFileSync(file, 'utf8')).toBe(`other.lab ssh-ed25519 AAAA\n${entry(files.host)}`)
  })

  it.each(['strict', 'accept-new'] as const)(
    'refuses a changed host key (%s), naming file, line and both fingerprints',
    async (hostKeys) => {
      const text = `# by hand\n${entry(files.otherHost)}`
      const file = knownHosts('changed', text)
      const attempt = hello(connect({ knownHosts: [file], hostKeys }))
      await expect(attempt).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: expect.stringContaining('has changed'),
      })
      const why = await attempt.then(
        () => '',
        (error: { why: string }) => error.why,
      )
      expect(why).toContain(`${file}:2`)
      expect(why).toContain(files.fingerprint(files.otherHost))
      expect(why).toContain(files.fingerprint(files.host))
      expect(readFileSync(file, 'utf8')).toBe(text)
    },
  )

  it('refuses a revoked host key', async () => {
    const file = knownHosts('revoked', `${entry(files.host)}@revoked * ${files.publicKey(files.host)}\n`)
    await expect(hello(connect({ knownHosts: [file] }))).rejects.toThrow('revoked')
  })

  it('says so when a key cannot be remembered, and still remembers the next host’s', async () => {
    const blocked = connect({
      knownHosts: [`${knownHosts('a-directory')}/known_hosts`],
      hostKeys: 'accept-new',
    })
    const attempt = hello(blocked)
    // the directory it wants to make is taken by a file before the server has shown its key
    writeFileSync(files.path('a-directory'), '')
    await expect(attempt).rejects.toMatchObject({ why: expect.stringContaining('a-directory') })
    const file = knownHosts('fine')
    await hello(connect({ knownHosts: [file], hostKeys: 'accept-new' }))
    expect(readFileSync(file, 'utf8')).toBe(entry(files.host))
  })

  it('says which port refuses connections', async () => {
    const port = await freePort()
    const connection = sshConnection(sshHostSpec(files, port), { become: asIs, operator: testOperator() })
    await expect(hello(connection)).rejects.toMatchObject({
      kind: 'connection',
      message: `127.0.0.1:${port} refuses connections`,
    })
  })

  it('says which key file is not there when none is left to try', async () => {
    await expect(hello(connect({ keys: [files.path('none')] }))).rejects.toMatchObject({
      message: expect.stringContaining('no key to log in as'),
      why: expect.stringContaining(files.path('none')),
    })
  })

  it('passes over a key file that is not there when another works', async () => {
    const outcome = await hello(connect({ keys: [files.path('none'), files.client] }))
    expect(outcome).toMatchObject({ kind: 'exited' })
  })

  it('tries the next key after one the host does not take', async () => {
    expect(await hello(connect({ keys: [files.stranger, files.client] }))).toMatchObject({ kind: 'exited' })
  })

  it('says who was not let in and what was tried', async () => {
    await expect(hello(connect({ keys: [files.stranger] }))).rejects.toMatchObject({
      message: expect.stringContaining('rejects the login of root'),
      why: expect.stringContaining(files.stranger),
      next: expect.stringContaining('authorized_keys'),
    })
  })

  it('opens 20 connections at the same time', async () => {
    // one run, one pace: without it sshd drops some of them
    const operator = testOperator()
    const outcomes = await Promise.all([...Array(20).keys()].map(() => hello(connect({}, operator))))
    expect(outcomes.every(({ kind }) => kind === 'exited')).toBe(true)
  })
})
