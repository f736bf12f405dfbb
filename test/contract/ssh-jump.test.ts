import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/host/connection.js'
import type { Operator } from '../../src/host/operator.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import type { SshSpec } from '../../src/host/ssh-spec.js'
import type { HostSpec } from '../../src/inventory/spec.js'
import { need } from '../support/login-user.js'
import { asIs, testOperator } from '../support/operator.js'
import { sshSpec } from '../support/spec.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

describe.skipIf(noSshd())('the way to a host', () => {
  let files: SshFiles
  let bastion: SshServer & { connections(): number }
  let inner: SshServer
  let closed: SshServer
  let target: SshServer
  const open: Connection[] = []
  beforeAll(async () => {
    need(['socat', '/usr/bin/socat'])
    files = makeSshFiles()
    bastion = await startSshd(files)
    inner = await startSshd(files)
    closed = await startSshd(files, ['AllowTcpForwarding no'])
    target = await startSshServer(files)
  }, 60_000)
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()))
  })
  afterAll(async () => {
    await Promise.all([bastion, inner, closed, target].map((server) => server?.stop()))
    files?.remove()
  })

  const hop = (server: SshServer, over: Partial<SshSpec> = {}): SshSpec =>
    sshHostSpec(files, server.port, over).ssh
  const connect = (ssh: Partial<SshSpec>, operator: Operator = testOperator()): Connection => {
    const spec: HostSpec = sshHostSpec(files, target.port, ssh)
    const connection = sshConnection(spec, { become: asIs, operator })
    open.push(connection)
    return connection
  }
  const hello = (connection: Connection) => connection.run({ script: 'echo "$0" hello', timeoutMs: 20_000 })

  it('goes through a bastion, and three hosts behind it share its one connection', async () => {
    const operator = testOperator()
    const ways = [1, 2, 3].map(() => connect({ via: hop(bastion) }, operator))
    for (const outcome of await Promise.all(ways.map(hello)))
      expect(outcome).toMatchObject({ kind: 'exited', code: 0 })
    expect(bastion.connections()).toBe(1)
    await Promise.all(ways.slice(0, 2).map((way) => way.close()))
    expect(await hello(ways[2] ?? connect({}))).toMatchObject({ kind: 'exited' })
    await ways[2]?.close()
    // nobody needs it any more
    await expect.poll(() => bastion.connections(), { timeout: 5_000 }).toBe(0)
  })

  it('goes through several, in order', async () => {
    expect(await hello(connect({ via: hop(inner, { via: hop(bastion) }) }))).toMatchObject({ kind: 'exited' })
    expect(bastion.connections()).toBe(1)
  })

  it('carries TCP streams and much data through the bastion', async () => {
    const outcome = await connect({ via: hop(bastion) }).run({
      script: 'head -c 3000000 /dev/zero | wc -c; cat | wc -c',
      stdin: Buffer.alloc(2_000_000),
      timeoutMs: 20_000,
    })
    expect(outcome.kind === 'exited' && outcome.stdout.toString().split(/\s+/)).toEqual([
      '3000000',
      '2000000',
      '',
    ])
  })

  it('is dialled anew, bastion and all, after the bastion dropped', async () => {
    const way = connect({ via: hop(bastion) })
    await hello(way)
    await bastion.drop()
    await expect.poll(async () => (await hello(way)).kind, { timeout: 10_000 }).toBe('exited')
  })

  it('verifies the key of the bastion like any other', async () => {
    const known = files.path('none-of-them')
    rmSync(known, { force: true })
    await expect(hello(connect({ via: hop(bastion, { knownHosts: [known] }) }))).rejects.toMatchObject({
      kind: 'connection',
      host: 'bastion root@127.0.0.1',
      message: `the host key of [127.0.0.1]:${bastion.port} is unknown`,
    })
    await hello(connect({ via: hop(bastion, { knownHosts: [known], hostKeys: 'accept-new' }) }))
    expect(readFileSync(known, 'utf8')).toBe(`[127.0.0.1]:${bastion.port} ${files.publicKey(files.host)}\n`)
    writeFileSync(known, `[127.0.0.1]:${bastion.port} ${files.publicKey(files.otherHost)}\n`)
    await expect(
      hello(connect({ via: hop(bastion, { knownHosts: [known], hostKeys: 'accept-new' }) })),
    ).rejects.toThrow('has changed')
  })

  it('verifies the key of the host behind it', async () => {
    await expect(hello(connect({ via: hop(bastion), knownHosts: ['/none'] }))).rejects.toMatchObject({
      host: 'cp1',
      message: `the host key of [127.0.0.1]:${target.port} is unknown`,
    })
    await expect.poll(() => bastion.connections(), { timeout: 5_000 }).toBe(0)
  })

  it('says that it is the bastion that does not let us in', async () => {
    await expect(hello(connect({ via: hop(bastion, { keys: [files.stranger] }) }))).rejects.toMatchObject({
      host: 'bastion root@127.0.0.1',
      message: `127.0.0.1:${bastion.port} rejects the login of root`,
    })
  })

  it('says which setting of a bastion forbids it', async () => {
    await expect(hello(connect({ via: hop(closed) }))).rejects.toMatchObject({
      host: 'cp1',
      message: `cannot reach 127.0.0.1:${target.port} through the bastion root@127.0.0.1:${closed.port}`,
      next: expect.stringContaining('AllowTcpForwarding'),
    })
  })

  it('says that the bastion does not reach the host', async () => {
    await expect(hello(connect({ via: hop(bastion), port: 1 }))).rejects.toMatchObject({
      message: expect.stringContaining('through the bastion'),
      next: expect.stringContaining('nc -zv 127.0.0.1 1'),
    })
  })

  it('asks for a bastion’s passphrase or password by the same rules', async () => {
    const operator = testOperator({ environment: {} })
    const password = { source: { kind: 'env', name: 'NONE' }, key: 'ssh.password', at: 'i.yaml:2:3' } as const
    await expect(
      hello(connect({ via: sshSpec({ ...hop(bastion), password }) }, operator)),
    ).rejects.toMatchObject({ host: 'bastion root@127.0.0.1', message: expect.stringContaining('env:NONE') })
  })

  it('is a command’s input and output', async () => {
    const way = connect({ proxyCommand: `socat - TCP:127.0.0.1:${target.port}` })
    expect(await hello(way)).toMatchObject({ kind: 'exited', code: 0 })
  })

  it('by a command that fails is told with the command’s own words', async () => {
    await expect(hello(connect({ proxyCommand: 'sh -c "echo no way >&2; exit 3"' }))).rejects.toMatchObject({
      kind: 'connection',
      host: 'cp1',
      why: expect.stringContaining('no way'),
    })
  })
})
