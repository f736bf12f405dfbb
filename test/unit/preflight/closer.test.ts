import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { debian } from '../../../src/os/debian.js'
import { lookCloser } from '../../../src/preflight/closer.js'
import { parsePresence, presenceScript } from '../../../src/preflight/presence.js'
import { parseReached, reached, reachScript } from '../../../src/preflight/reach.js'
import { contextOf, machine } from '../../support/context.js'

/** A port on which nothing listens any more. */
async function freePort(): Promise<number> {
  const server = createServer()
  const port = await listen(server)
  await new Promise((resolve) => server.close(resolve))
  return port
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    }),
  )
}

describe('an attempt to connect', () => {
  const server = createServer((socket) => socket.destroy())
  const directory = mkdtempSync(join(tmpdir(), 'ks-reach-'))
  let open = 0
  let closed = 0
  beforeAll(async () => {
    open = await listen(server)
    closed = await freePort()
  })
  afterAll(() => {
    server.close()
    rmSync(directory, { recursive: true })
  })

  /** Runs the script with only this tool to connect with. */
  function withOnly(tool: string): string[] {
    const bin = mkdtempSync(join(directory, 'bin-'))
    const where = (name: string): string =>
      execFileSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]).toString().trim()
    for (const name of ['timeout', 'tail', 'cut', 'sed', ...(tool === '' ? [] : [tool])])
      symlinkSync(where(name), join(bin, name))
    const output = execFileSync(
      '/bin/sh',
      ['-c', reachScript(2), 'sh', '127.0.0.1', String(open), '127.0.0.1', String(closed)],
      { env: { ...process.env, PATH: bin } },
    )
    return parseReached(output.toString(), 2).map(({ result }) => result)
  }

  test('tells an open port from a closed one with bash', () => {
    expect(withOnly('bash')).toEqual(['open', 'refused'])
  })

  test('of a name without an address tells that, not what bash makes of it', () => {
    const bin = mkdtempSync(join(directory, 'bin-'))
    const answers = [
      'bash: line 1: a.example: Name or service not known',
      'bash: line 1: /dev/tcp/a.example/443: Invalid argument',
    ]
    const answer = `#!/bin/sh\nprintf '%s\\n' ${answers.map((line) => `'${line}'`).join(' ')} >&2\nexit 1\n`
    writeFileSync(join(bin, 'bash'), answer, { mode: 0o755 })
    const output = execFileSync('/bin/sh', ['-c', reachScript(2), 'sh', 'a.example', '443'], {
      env: { ...process.env, PATH: `${bin}:${process.env.PATH}` },
    })
    expect(parseReached(output.toString(), 1)).toEqual([
      { result: 'unknown', words: 'a.example: Name or service not known' },
    ])
  })

  test('cannot be made where no tool for it is, and that is not a pass', () => {
    expect(withOnly('')).toEqual(['unknown', 'unknown'])
  })

  test.each([
    ['bash: connect: Connection refused', 1, 'refused'],
    ['ConnectionRefusedError: [Errno 111] Connection refused', 1, 'refused'],
    ['nc: connect to 10.0.0.1 port 6443 (tcp) failed: Connection refused', 1, 'refused'],
    ['', 124, 'silent'],
    ['TimeoutError: timed out', 1, 'silent'],
    ['nc: connect to 10.0.0.1 port 6443 (tcp) timed out: Operation now in progress', 1, 'silent'],
    ['bash: connect: No route to host', 1, 'blocked'],
    ['OSError: [Errno 101] Network is unreachable', 1, 'blocked'],
    ['bash: /dev/tcp/10.0.0.1/6443: No such file or directory', 1, 'unknown'],
    ['', 1, 'unknown'],
  ])('%j with exit code %i is %s', (words, code, result) => {
    expect(reached(code, words)).toBe(result)
  })

  test('that was not told of is unknown', () => {
    expect(parseReached('1 0 \n', 3).map(({ result }) => result)).toEqual(['unknown', 'open', 'unknown'])
  })
})

describe('looking for runtimes', () => {
  /** The script on this machine, with `dockerd` from /PATH owned by whatever `owning` prints. */
  function look(owning: string): ReturnType<typeof parsePresence> {
    const bin = mkdtempSync(join(tmpdir(), 'ks-presence-'))
    try {
      writeFileSync(join(bin, 'podman'), '#!/bin/sh\n', { mode: 0o755 })
      const script = presenceScript(owning).replace(/^PATH=/m, `PATH=${bin}:`)
      return parsePresence(execFileSync('/bin/sh', ['-c', script]).toString())
    } finally {
      rmSync(bin, { recursive: true })
    }
  }

  test('finds a program, whether it runs, and the package that owns it', () => {
    expect(look('echo some-package')?.runtimes).toContainEqual(
      expect.objectContaining({
        name: 'podman',
        path: expect.stringContaining('/podman'),
        owner: 'some-package',
        running: false,
      }),
    )
  })

  test('finds that no package owns it, as dpkg tells', () => {
    const podman = look(debian.owningPackage)?.runtimes.find(({ name }) => name === 'podman')
    expect(podman?.owner).toBe('')
  })

  test('what the next boot runs and may turn swap on is named', () => {
    expect(parsePresence('swapper mine.service\nswapper /etc/rc.local\nend\n')?.swappers).toEqual([
      'mine.service',
      '/etc/rc.local',
    ])
  })

  test('an answer that was cut is none', () => {
    expect(parsePresence('runtime dockerd /usr/sbin/dockerd running docker.io\n')).toBeUndefined()
    expect(parsePresence('runtime dockerd /usr/sbin/dockerd running docker.io\nfirewall ufw\nend\n')).toEqual(
      {
        runtimes: [{ name: 'dockerd', path: '/usr/sbin/dockerd', owner: 'docker.io', running: true }],
        swappers: [],
        firewalls: ['ufw'],
      },
    )
  })
})

describe('lookCloser', () => {
  test('costs no round trip when every machine is a node already', async () => {
    const machines = [machine({}, { kubernetes: true })]
    expect(await lookCloser(contextOf(machines), false)).toEqual({
      ways: [],
      presence: new Map(),
      etcd: [],
      images: [],
      kubelets: new Map(),
      links: new Map(),
      volumes: new Map(),
      versions: new Map(),
      packages: new Map(),
    })
    expect(machines[0]?.host.roundTrips).toBe(0)
  })

  test('asks a new machine everything in one round trip', async () => {
    const fresh = machine()
    const other = machine({ name: 'w1', address: '127.0.0.1', roles: ['worker'] }, { kubernetes: true })
    const closer = await lookCloser(contextOf([fresh, other]), false)
    expect(fresh.host.roundTrips).toBe(1)
    expect([...closer.presence.keys()]).toEqual(['cp1'])
    expect(closer.ways).toContainEqual(expect.objectContaining({ to: 'w1', port: 10250, result: 'refused' }))
  })
})
