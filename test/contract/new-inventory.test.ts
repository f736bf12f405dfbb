import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { run } from '../../src/cli/run.js'
import { shortName } from '../../src/inventory/new/node-name.js'
import { type LoginUser, makeLoginUser } from '../support/login-user.js'
import { makeSshFiles, type SshFiles } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

describe.skipIf(noSshd())('kubestrap new looks at machines over a real sshd', () => {
  let files: SshFiles
  let server: SshServer
  let directory: string
  const out: string[] = []
  const err: string[] = []
  const file = (name = 'inventory.yaml'): string => join(directory, name)
  const text = (): string => readFileSync(file(), 'utf8')

  /** ~/.ssh/config with this machine as `alias`. */
  const configure = (port: number, known: boolean, user = 'root'): void => {
    const hosts = files.path(`known-${port}`)
    writeFileSync(hosts, known ? `[127.0.0.1]:${port} ${files.publicKey(files.host)}\n` : '')
    writeFileSync(
      files.path('.ssh/config'),
      `Host alias 192.0.2.99
  HostName 127.0.0.1
  Port ${port}
  User ${user}
  IdentityFile ${files.client}
  IdentitiesOnly yes
  UserKnownHostsFile ${hosts}
`,
    )
  }

  beforeAll(async () => {
    files = makeSshFiles()
    mkdirSync(files.path('.ssh'))
    chmodSync(files.directory, 0o711)
    chmodSync(files.path('authorized_keys'), 0o644)
    server = await startSshd(files)
    vi.stubEnv('HOME', files.directory)
    vi.stubEnv('SSH_AUTH_SOCK', '')
    vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
    vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0)
  })
  beforeEach(() => {
    directory = mkdtempSync(files.path('d-'))
  })
  afterEach(() => {
    out.length = 0
    err.length = 0
  })
  afterAll(async () => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    await server?.stop()
    files?.remove()
  })

  it('an alias of the SSH configuration becomes a host with the name, address and system of its machine', async () => {
    configure(server.port, true)
    expect(await run(['new', '--control-plane', 'alias', '-f', file()], '0'), err.join('')).toBe(0)
    const name = shortName(hostname()) ?? 'alias'
    expect(text()).toMatch(
      new RegExp(
        `^ {2}"?${name}"?: \\{ address: .*, ssh: \\{ host: alias \\}, roles: .* # .+, (amd|arm)64$`,
        'm',
      ),
    )
    expect(text()).not.toContain('address: 127.')
    expect(await run(['inventory', 'validate', '-i', file()], '0')).toBe(0)
  })

  it('an unknown host key is refused and remembered nowhere; the file is written, with what to do', async () => {
    configure(server.port, false)
    expect(await run(['new', '--control-plane', '192.0.2.99', '-f', file()], '0')).toBe(5)
    const said = err.join('')
    expect(said).toContain(
      `192.0.2.99 could not be looked at: the host key of [127.0.0.1]:${server.port} is unknown`,
    )
    expect(said).toContain(files.fingerprint(files.host))
    expect(said).toContain('kubestrap new --host-keys accept-new')
    expect(text()).toContain('  cp1: { address: 192.0.2.99, roles: [control-plane, worker] } # could not')
    expect(readdirSync(directory)).toEqual(['inventory.yaml'])
    expect(readFileSync(files.path(`known-${server.port}`), 'utf8')).toBe('')
  })

  it('with accept-new an unknown host key is remembered beside the inventory, where the inventory looks for it', async () => {
    configure(server.port, false)
    expect(
      await run(['new', '--control-plane', 'alias', '--host-keys', 'accept-new', '-f', file()], '0'),
      err.join(''),
    ).toBe(0)
    expect(text()).toContain('\nssh: { hostKeys: accept-new }\n')
    expect(readFileSync(file('inventory.known_hosts'), 'utf8')).toContain(
      `[127.0.0.1]:${server.port} ssh-ed25519`,
    )
  })

  it('a machine that cannot be reached is told and marked, and the rest is written; the exit code is 5', async () => {
    configure(server.port, true)
    writeFileSync(
      files.path('.ssh/config'),
      `Host away 192.0.2.98\n  HostName 127.0.0.1\n  Port 1\n  IdentityFile ${files.client}\n`,
      { flag: 'a' },
    )
    const named = ['new', '--control-plane', 'alias', '--worker', '192.0.2.98', '-f', file()]
    expect(await run(named, '0')).toBe(5)
    expect(text()).toContain('  w1: { address: 192.0.2.98, roles: [worker] } # could not be looked at\n')
    expect(err.join('')).toContain(
      'warning: 192.0.2.98 could not be looked at: 127.0.0.1:1 refuses connections',
    )
    expect(await run(['inventory', 'validate', '-i', file()], '0')).toBe(0)

    // of a name that resolves to no address of a node nothing can be written, and why was told
    const away = run(['new', '--control-plane', 'away', '-f', '-'], '0')
    await expect(away).rejects.toMatchObject({
      kind: 'usage',
      message: '--control-plane away: no address of the host is known',
    })
    expect(err.join('')).toContain('warning: away could not be looked at: 127.0.0.1:1 refuses connections')
  })

  describe('a machine that lies', () => {
    let liar: SshServer
    beforeAll(async () => {
      const etc = files.path('etc')
      mkdirSync(join(etc, 'kubernetes'), { recursive: true })
      writeFileSync(join(etc, 'os-release'), 'ID=debian\nPRETTY_NAME="\u001b[2J\u202eevil # x"\n')
      writeFileSync(join(etc, 'kubernetes/kubelet.conf'), '    server: https://10.9.9.9:6443\n')
      const script = files.path('liar.sh')
      writeFileSync(
        script,
        `#!/bin/sh
exec unshare -m -u /bin/sh -c 'printf "\\033]0;x\\007" >/proc/sys/kernel/hostname; mount --bind ${etc} /etc; exec /bin/sh -c "$SSH_ORIGINAL_COMMAND"'
`,
        { mode: 0o755 },
      )
      liar = await startSshd(files, [`ForceCommand ${script}`])
    })
    afterAll(() => liar?.stop())

    it('reaches neither file nor terminal raw, and what it belongs to is told', async () => {
      configure(liar.port, true)
      expect(await run(['new', '--control-plane', 'alias', '-f', file()], '0'), err.join('')).toBe(4)
      expect(text()).toMatch(/^[ -~\n]*$/)
      expect(text()).toMatch(
        /^ {2}alias: .* # \?\[2J\?evil # x, a..64; ALREADY BELONGS TO a Kubernetes cluster \(https:\/\/10\.9\.9\.9:6443\)$/m,
      )
      expect([...out, ...err].join('')).toMatch(/^[ -~\n→…]*$/)
      expect(err.join('')).toContain(
        'warning: alias already belongs to a Kubernetes cluster (https://10.9.9.9:6443)',
      )
    })
  })

  describe.skipIf(!existsSync('/usr/bin/sudo'))('an ordinary user', () => {
    let user: LoginUser
    beforeAll(() => {
      user = makeLoginUser('ks-new')
    })
    afterAll(() => user?.remove())

    it.each([
      ['has no sudo line where sudo needs no password', 'NOPASSWD: ALL', ''],
      [
        'has a reference to the password where sudo asks for it',
        'ALL',
        '\nssh: { sudo: { password: prompt } }\n',
      ],
    ])('%s', async (_, rule, line) => {
      user.sudoers(`${user.name} ALL=(ALL) ${rule}`)
      configure(server.port, true, user.name)
      expect(await run(['new', '--control-plane', 'alias', '-f', file()], '0'), err.join('')).toBe(0)
      if (line === '') expect(text()).not.toContain('sudo')
      else expect(text()).toContain(line)
    })
  })
})

const program = fileURLToPath(new URL('../../bin/kubestrap.js', import.meta.url))

/** What a terminal shows of `kubestrap new` when each answer is typed once its question stands there. */
async function typing(file: string, answers: readonly string[]): Promise<{ shown: string; code: number }> {
  const line = `${process.execPath} ${program} new --no-look -f ${file}; echo "code $?"`
  const child: ChildProcess = spawn('script', ['-qfc', line, '/dev/null'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const left = [...answers]
  let shown = ''
  let seen = 0
  child.stdout?.on('data', (chunk: Buffer) => {
    shown += chunk.toString()
    if (!/: (\u001b\[\d+G)?$/.test(shown.slice(seen))) return
    seen = shown.length
    const answer = left.shift()
    if (answer !== undefined) child.stdin?.write(answer)
  })
  await once(child, 'close')
  return { shown, code: Number(/code (\d+)/.exec(shown)?.[1]) }
}

describe.skipIf(!existsSync('/usr/bin/script'))('kubestrap new on a terminal', () => {
  let files: SshFiles
  beforeAll(() => {
    files = makeSshFiles()
  })
  afterAll(() => files?.remove())

  it('asks for the hosts and writes them', async () => {
    const file = files.path('asked.yaml')
    const { code, shown } = await typing(file, ['10.0.0.11\r', '10.0.0.21, 10.0.0.22\r', 'ops\r'])
    expect(code, shown).toBe(0)
    expect(readFileSync(file, 'utf8')).toMatch(
      /ssh: \{ user: ops \}\nhosts:\n {2}cp1: .*\n {2}w1: .*\n {2}w2: /,
    )
  })

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends with %s as interrupted, and writes nothing', async (_, key) => {
    const file = files.path('never.yaml')
    const { code, shown } = await typing(file, [key])
    expect(code, shown).toBe(130)
    expect(shown).not.toContain('bug')
    expect(existsSync(file)).toBe(false)
  })
})
