import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { connect as tlsConnect, createServer as tlsServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/host/connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { need } from '../support/login-user.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { freePort, noSshd, startSshd } from '../support/sshd.js'

const basics = ['sh', 'cat', 'base64', 'sleep', 'timeout', 'kill']
const kinds: [name: string, programs: string[] | undefined][] = [
  ['socat', [...basics, 'bash', 'socat']],
  ['bash alone', [...basics, 'bash']],
]

describe.skipIf(noSshd())('a host whose sshd forwards nothing', () => {
  let files: SshFiles
  let certificate: { key: string; cert: string }
  const servers: (SshServer & { connections(): number })[] = []
  const open: Connection[] = []
  beforeAll(async () => {
    need(['socat', '/usr/bin/socat'], ['openssl', '/usr/bin/openssl'])
    files = makeSshFiles()
    const [key, cert] = [files.path('key.pem'), files.path('cert.pem')]
    execFileSync(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-keyout',
        key,
        '-out',
        cert,
        '-days',
        '2',
        '-subj',
        '/CN=kubernetes',
      ],
      { stdio: 'pipe' },
    )
    certificate = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') }
  }, 60_000)
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()))
    await Promise.all(servers.splice(0).map((server) => server.stop()))
  })
  afterAll(() => files?.remove())

  let made = 0
  /** A host that has these programs and no others. */
  const start = async (programs: string[], forwarding = 'no') => {
    made += 1
    const path = files.path(`bin-${made}`)
    mkdirSync(path)
    for (const name of programs) {
      const found = name === 'kill' ? '/bin/kill' : execFileSync('which', [name]).toString().trim()
      symlinkSync(found, `${path}/${name}`)
    }
    const server = await startSshd(files, [`AllowTcpForwarding ${forwarding}`, `SetEnv PATH=${path}`])
    servers.push(server)
    const connection = sshConnection(sshHostSpec(files, server.port), {
      become: asIs,
      operator: testOperator(),
    })
    open.push(connection)
    return { server, connection }
  }
  const listening = async (server: Server): Promise<number> => {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    if (address === null || typeof address === 'string') throw new Error('no port')
    return address.port
  }

  describe.each(kinds)('but has %s', (_, programs = []) => {
    it('carries bytes both ways, the server speaking first, until the server ends', async () => {
      const { connection } = await start(programs)
      const echo = createServer((socket) => {
        let got = 0
        socket.write('hello\n')
        socket.on('data', (chunk) => {
          got += chunk.length
          socket.write(chunk)
          if (got === 500_000) socket.end()
        })
      })
      const stream = await connection.openTcp('127.0.0.1', await listening(echo))
      const sent = randomBytes(500_000)
      stream.write(sent)
      const got: Buffer[] = []
      for await (const chunk of stream) got.push(chunk)
      expect(Buffer.concat(got).equals(Buffer.concat([Buffer.from('hello\n'), sent]))).toBe(true)
      echo.close()
    })

    it('carries TLS both ways, and tells the server when it is over', async () => {
      const { connection } = await start(programs)
      let ended: () => void = () => {}
      const over = new Promise<void>((resolve) => {
        ended = resolve
      })
      const server = tlsServer(certificate, (socket) => {
        socket.on('end', ended)
        socket.pipe(socket)
      })
      const stream = await connection.openTcp('127.0.0.1', await listening(server))
      const tls = tlsConnect({ socket: stream, servername: 'kubernetes', ca: certificate.cert })
      await once(tls, 'secureConnect')
      expect(tls.authorized).toBe(true)
      const got: Buffer[] = []
      tls.on('data', (chunk: Buffer) => got.push(chunk))
      for (const size of [1, 1_000, 100_000]) {
        const sent = randomBytes(size)
        tls.write(sent)
        await expect.poll(() => Buffer.concat(got).length, { timeout: 10_000 }).toBe(size)
        expect(Buffer.concat(got.splice(0)).equals(sent)).toBe(true)
      }
      tls.end()
      await over
      server.close()
    })

    it('carries more streams than one connection has sessions, and commands beside them', async () => {
      const { server, connection } = await start(programs)
      const greeter = createServer((socket) => {
        socket.write('x')
      })
      const port = await listening(greeter)
      const streams = await Promise.all(
        Array.from({ length: 20 }, () => connection.openTcp('127.0.0.1', port)),
      )
      for (const stream of streams) expect((await once(stream, 'data'))[0].toString()).toBe('x')
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, () => connection.run({ script: 'echo', timeoutMs: 20_000 })),
      )
      expect(outcomes.map(({ kind }) => kind)).toEqual(Array(10).fill('exited'))
      expect(server.connections()).toBe(4)
      for (const stream of streams) stream.destroy()
      greeter.close()
    })

    it('says so when nobody listens', async () => {
      const { connection } = await start(programs)
      await expect(connection.openTcp('127.0.0.1', await freePort())).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: expect.stringContaining('cannot reach 127.0.0.1:'),
        why: expect.stringContaining('refused'),
      })
    })
  })

  it('and has neither socat nor bash is told by the setting of sshd', async () => {
    const { connection } = await start(basics)
    await expect(connection.openTcp('127.0.0.1', 1)).rejects.toMatchObject({
      kind: 'connection',
      host: 'cp1',
      why: expect.stringContaining('AllowTcpForwarding no'),
      next: expect.stringMatching(/socat.*AllowTcpForwarding local/),
    })
  })

  it('is found out by its refusal: one that forwards is not given a relay, also when nobody listens', async () => {
    // without socat and bash a relay could only fail, in other words
    const { connection, server } = await start(basics, 'yes')
    const echo = createServer((socket) => socket.pipe(socket))
    const stream = await connection.openTcp('127.0.0.1', await listening(echo))
    stream.write('there and back')
    expect((await once(stream, 'data'))[0].toString()).toBe('there and back')
    stream.destroy()
    await expect(connection.openTcp('127.0.0.1', await freePort())).rejects.toMatchObject({
      why: expect.stringContaining('refused'),
    })
    expect(server.connections()).toBe(1)
    echo.close()
  })
})
