import { execFileSync } from 'node:child_process'
import { chmodSync, copyFileSync, writeFileSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/host/connection.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import type { SecretReference, SshSpec } from '../../src/host/ssh-spec.js'
import { type LoginUser, makeLoginUser } from '../support/login-user.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

const passphrase = 'long and secret'

const reference = (source: SecretReference['source'], key = 'ssh.password'): SecretReference => ({
  source,
  key,
  at: 'i.yaml:4:3',
})

describe.skipIf(noSshd())('logging in to a real sshd', () => {
  let files: SshFiles
  let user: LoginUser
  let agent: { socket: string; pid: number }
  /** By what each lets people in. */
  let servers: Record<'key' | 'password' | 'keyboard' | 'both', SshServer>
  const open: Connection[] = []

  beforeAll(async () => {
    files = makeSshFiles()
    user = makeLoginUser('ks-login')
    // sshd reads it as the user
    chmodSync(files.directory, 0o711)
    chmodSync(files.path('authorized_keys'), 0o644)
    copyFileSync(files.client, files.path('locked'))
    copyFileSync(`${files.client}.pub`, files.path('beside.pub'))
    chmodSync(files.path('locked'), 0o600)
    execFileSync('ssh-keygen', ['-q', '-p', '-N', passphrase, '-P', '', '-f', files.path('locked')])
    copyFileSync(files.path('locked'), files.path('beside'))
    execFileSync('ssh-keygen', ['-q', '-t', 'ecdsa', '-N', '', '-f', files.path('host-ecdsa')])
    const said = execFileSync('ssh-agent', ['-s', '-a', files.path('agent')]).toString()
    agent = { socket: files.path('agent'), pid: Number(/PID=(\d+)/.exec(said)?.[1]) }
    for (const key of [files.stranger, files.client])
      execFileSync('ssh-add', ['-q', key], {
        env: { ...process.env, SSH_AUTH_SOCK: agent.socket },
        stdio: 'pipe',
      })
    servers = {
      key: await startSshd(files, [`HostKey ${files.path('host-ecdsa')}`]),
      password: await startSshd(files, ['AuthenticationMethods password', 'PasswordAuthentication yes']),
      keyboard: await startSshd(files, ['AuthenticationMethods keyboard-interactive', 'UsePAM yes']),
      both: await startSshd(files, [
        'AuthenticationMethods publickey,password',
        'PasswordAuthentication yes',
      ]),
    }
  }, 60_000)
  afterEach(async () => {
    await Promise.all(open.splice(0).map((connection) => connection.close()))
  })
  afterAll(async () => {
    await Promise.all(Object.values(servers ?? {}).map((server) => server.stop()))
    if (agent) process.kill(agent.pid)
    user?.remove()
    files?.remove()
  })

  const connect = (
    to: keyof typeof servers,
    over: Partial<SshSpec>,
    operator = testOperator(),
  ): Connection => {
    const connection = sshConnection(sshHostSpec(files, servers[to].port, over), { become: asIs, operator })
    open.push(connection)
    return connection
  }
  const whoami = async (connection: Connection): Promise<string> => {
    const outcome = await connection.run({ script: 'id -un', timeoutMs: 20_000 })
    return outcome.kind === 'exited' ? outcome.stdout.toString().trim() : JSON.stringify(outcome)
  }

  describe('with an encrypted key', () => {
    it('asks for its passphrase once, for all hosts and all connections', async () => {
      const operator = testOperator({ answers: [passphrase] })
      const keys = [files.path('locked')]
      expect(await Promise.all([1, 2, 3].map(() => whoami(connect('key', { keys }, operator))))).toEqual(
        Array(3).fill('root'),
      )
      expect(operator.asked).toEqual([`Passphrase of ${files.path('locked')}: `])
    })

    it('asks again for a wrong one, three times in all', async () => {
      const keys = [files.path('locked')]
      const operator = testOperator({ answers: ['wrong', passphrase] })
      expect(await whoami(connect('key', { keys }, operator))).toBe('root')
      expect(operator.asked[1]).toContain('Wrong passphrase')
      const hopeless = testOperator({ answers: ['a', 'b', 'c', passphrase] })
      await expect(whoami(connect('key', { keys }, hopeless))).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: `no passphrase entered decrypts ${files.path('locked')}`,
      })
      expect(hopeless.asked).toHaveLength(3)
    })

    it('does not ask when another key does', async () => {
      const operator = testOperator({ answers: [] })
      expect(await whoami(connect('key', { keys: [files.path('locked'), files.client] }, operator))).toBe(
        'root',
      )
    })

    it('does not ask when the agent has it', async () => {
      const operator = testOperator({ answers: [], agent: agent.socket })
      const over = { keys: [files.path('beside')], identitiesOnly: true }
      expect(await whoami(connect('key', over, operator))).toBe('root')
    })

    it('takes it from a reference, and names that when it is wrong', async () => {
      const over = {
        keys: [files.path('locked')],
        passphrase: reference({ kind: 'env', name: 'PASS' }, 'ssh.passphrase'),
      }
      expect(await whoami(connect('key', over, testOperator({ environment: { PASS: passphrase } })))).toBe(
        'root',
      )
      await expect(
        whoami(connect('key', over, testOperator({ environment: { PASS: 'other' } }))),
      ).rejects.toMatchObject({
        host: 'cp1',
        message: `ssh.passphrase does not decrypt ${files.path('locked')}`,
        why: expect.stringContaining('i.yaml:4:3'),
      })
    })

    it('says what to do where nobody can be asked', async () => {
      await expect(whoami(connect('key', { keys: [files.path('locked')] }))).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: 'there is no terminal to ask on',
        why: expect.stringContaining(files.path('locked')),
        next: expect.stringMatching(/ssh-add.*ssh.passphrase: env:NAME/),
      })
    })
  })

  describe('with an agent', () => {
    it('tries its keys until one is taken', async () => {
      expect(
        await whoami(connect('key', { keys: [], keysNamed: false }, testOperator({ agent: agent.socket }))),
      ).toBe('root')
    })

    it('takes a public key for the one of the agent, and leaves the others in it', async () => {
      const operator = testOperator({ agent: agent.socket })
      const over = { keys: [`${files.client}.pub`], identitiesOnly: true }
      expect(await whoami(connect('key', over, operator))).toBe('root')
      const attempt = whoami(
        connect('key', { keys: [`${files.stranger}.pub`], identitiesOnly: true }, operator),
      )
      await expect(attempt).rejects.toMatchObject({
        why: expect.stringContaining('1 of these keys in the agent'),
      })
    })

    it('goes on with the keys when it does not answer', async () => {
      expect(await whoami(connect('key', {}, testOperator({ agent: files.path('nothing') })))).toBe('root')
    })

    it('uses the one the SSH configuration names, or none', async () => {
      const over = { keys: [], keysNamed: false }
      expect(await whoami(connect('key', { ...over, agent: agent.socket }))).toBe('root')
      await expect(
        whoami(connect('key', { ...over, agent: false }, testOperator({ agent: agent.socket }))),
      ).rejects.toThrow('no key to log in as')
    })
  })

  describe('with a password', () => {
    const login = { user: 'ks-login', keys: [], keysNamed: false }

    it.each(['password', 'keyboard'] as const)('from a reference (%s)', async (to) => {
      const operator = testOperator({ environment: { SECRET: user.password } })
      const password = reference({ kind: 'env', name: 'SECRET' })
      expect(await whoami(connect(to, { ...login, password }, operator))).toBe('ks-login')
    })

    it('from a file, and from a command', async () => {
      writeFileSync(files.path('secret'), `${user.password}\n`)
      const file = reference({ kind: 'file', path: files.path('secret') })
      expect(await whoami(connect('password', { ...login, password: file }))).toBe('ks-login')
      const command = reference({ kind: 'command', command: `cat ${files.path('secret')}` })
      expect(await whoami(connect('password', { ...login, password: command }))).toBe('ks-login')
    })

    it('asked for once for all hosts', async () => {
      const operator = testOperator({ answers: [user.password] })
      const password = reference({ kind: 'prompt' })
      const ways = [1, 2, 3].map(() => connect('password', { ...login, password }, operator))
      expect(await Promise.all(ways.map(whoami))).toEqual(Array(3).fill('ks-login'))
      expect(operator.asked).toEqual(['ssh.password (i.yaml:4:3): '])
    })

    it('asked for only when no key is taken', async () => {
      const operator = testOperator({ answers: [] })
      expect(await whoami(connect('key', { password: reference({ kind: 'prompt' }) }, operator))).toBe('root')
    })

    it('after a key, where the host wants both', async () => {
      const operator = testOperator({ answers: [user.password] })
      const over = { user: 'ks-login', password: reference({ kind: 'prompt' }) }
      expect(await whoami(connect('both', over, operator))).toBe('ks-login')
      await expect(whoami(connect('both', { user: 'ks-login' }))).rejects.toMatchObject({
        why: expect.stringContaining('requires another authentication method'),
        next: expect.stringContaining('ssh.password'),
      })
    })

    it('that is wrong is told by its place, never shown', async () => {
      const operator = testOperator({ environment: { SECRET: 'not the password' } })
      const attempt = whoami(
        connect('password', { ...login, password: reference({ kind: 'env', name: 'SECRET' }) }, operator),
      )
      const error: unknown = await attempt.catch((caught: unknown) => caught)
      expect(error).toMatchObject({
        message: expect.stringContaining('rejects the login of ks-login'),
        why: expect.stringContaining('the password (i.yaml:4:3)'),
      })
      expect(JSON.stringify(error)).not.toContain('not the password')
    })

    it.each([
      ['a variable that is not set', { kind: 'env', name: 'NONE' }, 'cannot read ssh.password from env:NONE'],
      [
        'a file that is not there',
        { kind: 'file', path: '/none' },
        'cannot read ssh.password from file:/none',
      ],
      [
        'a command that fails',
        { kind: 'command', command: 'echo no >&2; false' },
        'cannot read ssh.password from command:',
      ],
      ['a command that says nothing', { kind: 'command', command: 'true' }, 'is empty'],
      ['two lines', { kind: 'command', command: 'echo a; echo b' }, 'more than one line'],
    ] as const)('says so of %s', async (_, source, words) => {
      await expect(
        whoami(connect('password', { ...login, password: reference(source) })),
      ).rejects.toMatchObject({
        kind: 'connection',
        host: 'cp1',
        message: expect.stringContaining(words),
        why: expect.stringContaining('i.yaml:4:3'),
      })
    })
  })

  describe('by fingerprint', () => {
    it.each(['host', 'host-ecdsa'])('lets only that key count, of whatever type (%s)', async (name) => {
      const hostKey = files.fingerprint(files.path(name))
      expect(await whoami(connect('key', { hostKey, knownHosts: ['/none'] }))).toBe('root')
    })

    it('refuses any other, also one that known_hosts knows', async () => {
      await expect(
        whoami(connect('key', { hostKey: files.fingerprint(files.otherHost) })),
      ).rejects.toMatchObject({
        kind: 'connection',
        message: expect.stringContaining('not the one in the inventory'),
        why: expect.stringContaining(files.fingerprint(files.path('host-ecdsa'))),
      })
    })
  })

  it('finds the key under an alias', async () => {
    writeFileSync(files.path('aliased'), `cluster ${files.publicKey(files.host)}\n`)
    const over = { hostKeyAlias: 'cluster', knownHosts: [files.path('aliased')] }
    expect(await whoami(connect('key', over))).toBe('root')
  })

  it('tells what of the SSH configuration is not heeded where that is why', async () => {
    const over = {
      knownHosts: ['/none'],
      notes: ['config:3 says StrictHostKeyChecking no: ignored, host keys are checked'],
    }
    await expect(whoami(connect('key', over))).rejects.toMatchObject({
      why: expect.stringContaining('config:3'),
    })
  })

  it('names a certificate that lies beside a key that was not taken', async () => {
    writeFileSync(`${files.stranger}-cert.pub`, '')
    await expect(whoami(connect('key', { keys: [files.stranger] }))).rejects.toMatchObject({
      why: expect.stringContaining('does not support SSH certificates'),
    })
  })

  beforeEach((ctx) => {
    if (!servers) ctx.skip('no sshd')
  })
})
