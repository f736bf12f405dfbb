import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeSshFiles, type SshFiles } from '../support/ssh-files.js'

describe('Ctrl-C while a host that takes connections and says nothing is being connected', () => {
  let directory = ''
  let files: SshFiles
  let server: Server
  let accepted: () => void
  beforeAll(async () => {
    files = makeSshFiles()
    directory = mkdtempSync(join(tmpdir(), 'ks-interrupt-'))
    server = createServer((socket) => {
      socket.on('error', () => {})
      accepted()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address ? address.port : 0
    writeFileSync(
      join(directory, 'inventory.yaml'),
      `kubernetes: { version: "1.20.2" }
binaries: { bundle: ./none }
ssh: { user: root, config: false, key: ${files.client}, knownHosts: ./known_hosts, hostKeys: accept-new }
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane], ssh: { host: 127.0.0.1, port: ${port} } }
`,
    )
  })
  afterAll(() => {
    server?.close()
    files?.remove()
    rmSync(directory, { recursive: true, force: true })
  })

  it.each([
    ['a command that looks', ['verify']],
    ['a command that changes', ['reset', '--yes']],
    ['a command without events', ['token', 'list']],
  ])('ends %s with 130 within a second, in words', async (_, command) => {
    const connecting = new Promise<void>((resolve) => {
      accepted = resolve
    })
    const args = ['bin/kubestrap.js', ...command, '-i', join(directory, 'inventory.yaml')]
    const { SSH_AUTH_SOCK: _agent, ...env } = process.env
    const child = spawn(process.execPath, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...env, HOME: directory },
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (text += chunk))
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
    await Promise.race([connecting, ended])
    const began = performance.now()
    child.kill('SIGINT')
    expect([await ended, text]).toEqual([130, expect.stringContaining('Interrupted: run again to finish')])
    // a second, and what a busy machine adds
    expect(performance.now() - began).toBeLessThan(2_500)
    expect(text).not.toContain('open handles')
  })
})
