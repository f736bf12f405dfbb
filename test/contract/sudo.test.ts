import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Host } from '../../src/host/host.js'
import { openHost } from '../../src/host/open-host.js'
import type { SecretReference } from '../../src/host/ssh-spec.js'
import { type LoginUser, makeLoginUser, need } from '../support/login-user.js'
import { testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

const name = 'ks-sudo'
const log = `/tmp/${name}.log`
const sudoPassword: SecretReference = {
  source: { kind: 'env', name: 'SUDO' },
  key: 'ssh.sudo.password',
  at: 'i.yaml:5:3',
}

describe.skipIf(noSshd())('a real sudo, as an ordinary user', () => {
  let files: SshFiles
  let user: LoginUser
  let server: SshServer
  const open: Host[] = []
  beforeAll(async () => {
    need(['sudo', '/usr/bin/sudo'])
    user = makeLoginUser(name)
    files = makeSshFiles()
    chmodSync(files.directory, 0o711)
    chmodSync(files.path('authorized_keys'), 0o644)
    server = await startSshd(files)
  }, 120_000)
  afterEach(async () => {
    await Promise.all(open.splice(0).map((host) => host.close()))
    rmSync(log, { force: true })
    rmSync(`/run/sudo/ts/${name}`, { force: true })
    rmSync(`/var/lib/sudo/lectured/${name}`, { force: true })
  })
  afterAll(async () => {
    await server?.stop()
    user?.remove()
    files?.remove()
  })

  /** The host as this user, with a sudo password when one is given. */
  const host = (password?: string): Host => {
    const operator = testOperator({ environment: password === undefined ? {} : { SUDO: password } })
    const over = { user: name, ...(password === undefined ? {} : { sudoPassword }) }
    const opened = openHost(sshHostSpec(files, server.port, over), { operator })
    open.push(opened)
    return opened
  }
  /** What a script sees of itself: who it is and every byte of its stdin. */
  const look = async (on: Host): Promise<{ stdout: string; stderr: string }> => {
    const outcome = await on.connection.run({
      script: 'id -un; cat; echo words >&2',
      stdin: 'line 1\nline 2 without end',
      timeoutMs: 20_000,
    })
    if (outcome.kind !== 'exited') throw new Error(JSON.stringify(outcome))
    return { stdout: outcome.stdout.toString(), stderr: outcome.stderr }
  }
  const clean = { stdout: 'root\nline 1\nline 2 without end', stderr: 'words\n' }
  const defaults = `Defaults:${name} logfile=${log}`

  const kinds: [string, string[], boolean][] = [
    ['NOPASSWD', [`${name} ALL=(ALL) NOPASSWD: ALL`], false],
    ['a password', [`${name} ALL=(ALL) ALL`], true],
    ['a password each time', [`Defaults:${name} timestamp_timeout=0`, `${name} ALL=(ALL) ALL`], true],
    ['tickets for everywhere', [`Defaults:${name} timestamp_type=global`, `${name} ALL=(ALL) ALL`], true],
    ['a lecture each time', [`Defaults:${name} lecture=always`, `${name} ALL=(ALL) ALL`], true],
    ['a terminal of its own (use_pty)', [`Defaults:${name} use_pty`, `${name} ALL=(ALL) ALL`], true],
    ['log_output', [`Defaults:${name} log_output`, `${name} ALL=(ALL) NOPASSWD: ALL`], false],
  ]

  it.each(kinds)(
    'with %s and a password in hand, scripts read their own stdin and nothing else',
    async (_, lines) => {
      user.sudoers(defaults, ...lines)
      const on = host(user.password)
      expect(await look(on)).toEqual(clean)
      // now there may be a ticket: the password is not asked for
      expect(await Promise.all([1, 2, 3].map(() => look(on)))).toEqual(Array(3).fill(clean))
      expect((await on.read({ script: 'id -un' })).stdout.toString()).toBe('root\n')
    },
  )

  it.each(kinds.filter(([, , asks]) => !asks))('with %s and none in hand too', async (_, lines) => {
    user.sudoers(defaults, ...lines)
    expect(await look(host())).toEqual(clean)
  })

  it('with a ticket from before, the password does not fall into the script', async () => {
    user.sudoers(defaults, `Defaults:${name} timestamp_type=global`, `${name} ALL=(ALL) ALL`)
    const first = host(user.password)
    await look(first)
    expect(await look(host(user.password))).toEqual(clean)
    // and a ticket is no proof of the password: sudo is asked to forget it for the check
    await expect(look(host('wrong'))).rejects.toThrow('does not accept the password')
  })

  it('a wrong password is tried once, and told in a few seconds', async () => {
    user.sudoers(defaults, `${name} ALL=(ALL) ALL`)
    const from = Date.now()
    const on = host('not the password')
    const errors = await Promise.allSettled([1, 2, 3].map(() => on.read({ script: 'echo ran' })))
    expect(Date.now() - from).toBeLessThan(12_000)
    for (const error of errors)
      expect(error).toMatchObject({
        status: 'rejected',
        reason: {
          kind: 'connection',
          host: 'cp1',
          message: 'sudo does not accept the password',
          why: expect.stringContaining('1 incorrect password attempt'),
          next: expect.stringContaining('ssh.sudo.password, i.yaml:5:3'),
        },
      })
    const attempts = readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line.includes('incorrect password'))
    expect(attempts).toHaveLength(1)
  })

  it('that asks where no password is in hand is told with what to write', async () => {
    user.sudoers(defaults, `${name} ALL=(ALL) ALL`)
    await expect(host().read({ script: 'echo ran' })).rejects.toMatchObject({
      kind: 'connection',
      message: 'sudo does not give root privileges',
      why: expect.stringContaining('a password is required'),
      next: expect.stringContaining('ssh.sudo.password: env:NAME or prompt'),
    })
  })

  it('that does not know the user is told so', async () => {
    user.sudoers()
    await expect(host(user.password).read({ script: 'echo ran' })).rejects.toMatchObject({
      message: 'sudo does not give root privileges',
      why: expect.stringMatching(/not in the sudoers|may not run/),
      next: expect.stringContaining('sudoers'),
    })
  })

  it('that allows only some commands is told so', async () => {
    user.sudoers(`${name} ALL=(ALL) NOPASSWD: /bin/true`)
    await expect(host(user.password).read({ script: 'echo ran' })).rejects.toMatchObject({
      message: 'sudo does not give root privileges',
      next: expect.stringContaining('/bin/sh'),
    })
  })

  it('that wants a terminal is told by the setting', async () => {
    user.sudoers(`Defaults:${name} requiretty`, `${name} ALL=(ALL) NOPASSWD: ALL`)
    await expect(host().read({ script: 'echo ran' })).rejects.toMatchObject({
      message: 'sudo does not give root privileges',
      next: expect.stringContaining('requiretty'),
    })
  })

  it('logs neither password nor script nor arguments', async () => {
    user.sudoers(defaults, `${name} ALL=(ALL) ALL`)
    await host(user.password).connection.run({ script: ': marker', args: ['argument'], timeoutMs: 10_000 })
    const text = readFileSync(log, 'utf8')
    expect(text).toContain('/bin/sh')
    for (const word of [user.password, 'marker', 'argument']) expect(text).not.toContain(word)
  })

  it('serves a local connection by the same rules', async () => {
    // this process is root: sudo does not ask root, whatever it is given
    const spec = { ...sshHostSpec(files, 1, { sudoPassword }), connection: 'local' as const }
    const operator = { ...testOperator({ environment: { SUDO: 'anything' } }), root: false }
    const on = openHost(spec, { operator })
    open.push(on)
    expect(await look(on)).toEqual(clean)
  })
})
