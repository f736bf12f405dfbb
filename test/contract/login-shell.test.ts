import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/host/connection.js'
import { openHost } from '../../src/host/open-host.js'
import { sshConnection } from '../../src/host/ssh/ssh-connection.js'
import { type LoginUser, makeLoginUser, need } from '../support/login-user.js'
import { asIs, testOperator } from '../support/operator.js'
import { makeSshFiles, type SshFiles, sshHostSpec } from '../support/ssh-files.js'
import type { SshServer } from '../support/ssh-server.js'
import { noSshd, startSshd } from '../support/sshd.js'

const noise = 'echo NOISE\necho NOISE again\n'
const toBoth = `${noise}echo NOISE >&2\n`

/** Login shells, and where each is made to talk when a command comes. */
const shells: [shell: string, file: string, text: string][] = [
  ['/bin/bash', '.bashrc', `${toBoth}printf 'no line feed'\n`],
  ['/bin/dash', '.profile', toBoth],
  ['/bin/tcsh', '.tcshrc', `${noise}sh -c "echo NOISE >&2"\n`],
  ['/usr/bin/fish', '.config/fish/config.fish', `${toBoth}head -c 200000 /dev/zero | tr '\\\\0' x\n`],
]

describe.skipIf(noSshd())('a login shell', () => {
  let files: SshFiles
  let server: SshServer
  let forced: SshServer
  const users: LoginUser[] = []
  beforeAll(async () => {
    need(['tcsh', '/bin/tcsh'], ['fish', '/usr/bin/fish'])
    files = makeSshFiles()
    chmodSync(files.directory, 0o711)
    chmodSync(files.path('authorized_keys'), 0o644)
    writeFileSync(files.path('banner'), 'NOISE: go away\n'.repeat(20))
    server = await startSshd(files, [`Banner ${files.path('banner')}`, 'PrintMotd yes'])
    forced = await startSshd(files, ['ForceCommand echo only this'])
    shells.forEach(([shell, file, text], i) => {
      const user = makeLoginUser(`ks-shell${i}`, shell)
      mkdirSync(`${user.home}/.config/fish`, { recursive: true })
      user.write(file, text)
      users.push(user)
    })
    users.push(makeLoginUser('ks-nologin', '/usr/sbin/nologin'))
  }, 120_000)
  afterAll(async () => {
    await Promise.all([server?.stop(), forced?.stop()])
    for (const user of users) user.remove()
    files?.remove()
  })

  async function run(to: SshServer, user: string, script: string, args: string[] = []): Promise<Outcome> {
    const connection = sshConnection(sshHostSpec(files, to.port, { user }), {
      become: asIs,
      operator: testOperator(),
    })
    try {
      return await connection.run({ script, args, stdin: 'own\nstdin', timeoutMs: 20_000 })
    } finally {
      await connection.close()
    }
  }

  it.each(shells.map(([shell], i) => [shell, `ks-shell${i}`] as const))(
    '%s that prints noise, behind a banner, adds nothing to answers',
    async (_, user) => {
      const hostile = ["it's", '$(id)', '!x', '\\', '\n', '%']
      const outcome = await run(server, user, `cat; printf '[%s]' "$@"; echo err >&2; exit 3`, hostile)
      expect(outcome).toMatchObject({ kind: 'exited', code: 3, stderr: 'err\n' })
      expect(outcome.kind === 'exited' && outcome.stdout.toString()).toBe(
        `own\nstdin${hostile.map((arg) => `[${arg}]`).join('')}`,
      )
    },
  )

  it('tells progress without the noise', async () => {
    const seen: string[] = []
    const connection = sshConnection(sshHostSpec(files, server.port, { user: 'ks-shell0' }), {
      become: asIs,
      operator: testOperator(),
    })
    await connection.run({
      script: 'echo one; echo two >&2',
      timeoutMs: 10_000,
      onOutput: (chunk) => seen.push(chunk.toString()),
    })
    await connection.close()
    expect(seen.join('')).toContain('one\n')
    expect(seen.join('')).not.toContain('NOISE')
  })

  it('that lets nobody in is no answer, and is told in its own words', async () => {
    expect(await run(server, 'ks-nologin', 'echo ran')).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('This account is currently not available'),
    })
  })

  it('that runs something else (ForceCommand) is no answer, and is told so to whoever asks', async () => {
    expect(await run(forced, 'root', 'echo ran')).toMatchObject({
      kind: 'lost',
      reason: expect.stringContaining('only this'),
    })
    const host = openHost(sshHostSpec(files, forced.port), { operator: testOperator() })
    await expect(host.read({ script: 'echo ran' })).rejects.toMatchObject({
      kind: 'connection',
      why: expect.stringContaining('only this'),
      next: expect.stringContaining('ForceCommand'),
    })
    await host.close()
  })
})
