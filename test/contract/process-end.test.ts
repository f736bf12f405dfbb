import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import ssh2 from 'ssh2'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSshFiles, type SshFiles } from '../support/ssh-files.js'
import { type SshServer, startSshServer } from '../support/ssh-server.js'

/** What a server leaves unanswered; `nothing` is a port that takes connections and says no word. */
type Mute = 'nothing' | 'session' | 'exec' | 'tcpip' | 'goodbye'

/** How long kubestrap may take beyond the deadline it names. */
const spareMs = 15_000

interface Ran {
  code: number | null
  seconds: number
  text: string
}

describe('a process always ends, with the exit code that is documented', () => {
  let files: SshFiles
  let answering: SshServer
  const mute = {} as Record<Mute, number>
  const servers: { close(): unknown }[] = []
  beforeAll(async () => {
    files = makeSshFiles()
    answering = await startSshServer(files)
    const silent = createServer((socket) => socket.on('error', () => {}))
    mute.nothing = await listen(silent)
    servers.push(silent)
    for (const kind of ['session', 'exec', 'tcpip', 'goodbye'] as const) {
      const server = muteServer(files, kind)
      mute[kind] = await listen(server as unknown as Server)
      servers.push(server)
    }
  })
  afterAll(async () => {
    for (const server of servers) server.close()
    await answering?.stop()
    files?.remove()
  })

  let count = 0
  /** An inventory of one host reached at a port of this machine. */
  const inventory = (port: number, more: { ssh?: string; top?: string } = {}): string => {
    count += 1
    const directory = files.path(`inventory-${count}`)
    mkdirSync(directory)
    const file = `${directory}/inventory.yaml`
    const known = `${directory}/known_hosts`
    writeFileSync(known, `[127.0.0.1]:${port} ${files.publicKey(files.host)}\n`)
    writeFileSync(
      file,
      `kubernetes: { version: "1.20.2", controlPlaneEndpoint: "api.example.com:6443" }
${more.top ?? 'binaries: { bundle: ./none }'}
ssh:
  user: root
  config: false
  key: ${files.client}
  knownHosts: ${known}
${more.ssh ?? ''}
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane], ssh: { host: 127.0.0.1, port: ${port} } }
`,
    )
    return file
  }

  const kubestrap = (...args: string[]): Promise<Ran> => runProgram(['bin/kubestrap.js', ...args])
  const plan = (file: string): Promise<Ran> => kubestrap('plan', '-i', file, '--log-file', 'none')
  const ask = (file: string): Promise<Ran> => kubestrap('exec', '-i', file, '--', 'true')

  it.concurrent.each([
    ['that answers', () => answering.port],
    ['that says nothing', () => mute.nothing],
    ['that opens no session', () => mute.session],
    ['that does not hang up', () => mute.goodbye],
  ])('a bundle that is not there, and a host %s: exit code 3, at once', async (_, port) => {
    const ran = await plan(inventory(port(), {}))
    expect(ran).toMatchObject({ code: 3, text: expect.stringContaining('none') })
    expect(ran.text).not.toContain('open handles')
    expect(ran.seconds).toBeLessThan(spareMs / 1000)
  })

  it.concurrent('a secret that the environment does not have: exit code 5, at once', async () => {
    const ran = await ask(inventory(answering.port, { ssh: '  password: env:KS_TEST_NOT_SET' }))
    expect(ran).toMatchObject({ code: 5, text: expect.stringContaining('KS_TEST_NOT_SET') })
    expect(ran.text).not.toContain('open handles')
    expect(ran.seconds).toBeLessThan(spareMs / 1000)
  })

  it.concurrent.each<[string, Mute, number, string]>([
    ['a host that says nothing', 'nothing', 20, 'handshake'],
    ['a host that opens no session', 'session', 20, 'did not start the command within'],
    ['a host that starts no command', 'exec', 20, 'did not start the command within'],
  ])('%s: exit code 5 when its deadline is over, in words', async (_, kind, seconds, words) => {
    const ran = await ask(inventory(mute[kind]))
    expect(ran).toMatchObject({ code: 5, text: expect.stringContaining(words) })
    expect(ran.text).not.toContain('open handles')
    expect(ran.seconds).toBeLessThan(seconds + spareMs / 1000)
  })

  it.concurrent.each<[string, Mute, string]>([
    ['that says nothing', 'nothing', 'handshake'],
    ['that never opens the connection', 'tcpip', 'did not open a connection'],
  ])('a bastion %s: exit code 5 when its deadline is over, in words', async (_, kind, words) => {
    const known = files.path(`known-bastion-${kind}`)
    writeFileSync(known, `[localhost]:${mute[kind]} ${files.publicKey(files.host)}\n`)
    const file = inventory(answering.port, { ssh: `  jump: root@localhost:${mute[kind]}` })
    writeFileSync(file, readFileSync(file, 'utf8').replace(/knownHosts: .*/, `knownHosts: ${known}`))
    const ran = await ask(file)
    expect(ran).toMatchObject({ code: 5, text: expect.stringContaining(words) })
    expect(ran.text).not.toContain('open handles')
    expect(ran.seconds).toBeLessThan(20 + spareMs / 1000)
  })

  it.concurrent('a process that waits for what cannot come ends with exit code 1, and says so', async () => {
    const program = `import('./dist/cli/end-of-process.js').then(async ({ guardEnd }) => { guardEnd(); await new Promise(() => {}) })`
    expect(await runProgram(['-e', program])).toMatchObject({
      code: 1,
      text: expect.stringContaining('waits for something that cannot come'),
    })
  })

  it.concurrent('a process that something keeps alive ends with its exit code, and names it', async () => {
    const program = `import('./dist/cli/end-of-process.js').then(({ guardEnd }) => { require('net').createServer().listen(0); guardEnd().decided(7) })`
    const ran = await runProgram(['-e', program])
    expect(ran).toMatchObject({ code: 7, text: expect.stringContaining('TCPServerWrap') })
    expect(ran.seconds).toBeLessThan(5 + spareMs / 1000)
  })
})

function runProgram(args: readonly string[]): Promise<Ran> {
  const began = performance.now()
  const { SSH_AUTH_SOCK: _, ...env } = process.env
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], env })
  let text = ''
  const add = (chunk: Buffer): void => {
    text += chunk
  }
  child.stdout.on('data', add)
  child.stderr.on('data', add)
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code, text, seconds: (performance.now() - began) / 1000 })),
  )
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )
}

/** Lets the client's key in and then leaves one thing unanswered. */
function muteServer(files: SshFiles, kind: Exclude<Mute, 'nothing'>): ssh2.Server {
  return new ssh2.Server({ hostKeys: [readFileSync(files.host)] }, (client) => {
    client.on('error', () => {})
    client.on('authentication', (attempt) => {
      if (attempt.method === 'publickey') attempt.accept()
      else attempt.reject(['publickey'])
    })
    client.on('session', (accept) => {
      if (kind === 'session') return
      const session = accept()
      session.on('exec', (agree) => {
        if (kind === 'exec') return
        agree()
      })
    })
    client.on('tcpip', () => {})
    if (kind !== 'goodbye') return
    // keeps its side open, whatever it is told
    const socket: unknown = Reflect.get(client, '_sock')
    if (socket && typeof socket === 'object' && 'end' in socket)
      Object.assign(socket, { end() {}, destroy() {} })
  })
}
