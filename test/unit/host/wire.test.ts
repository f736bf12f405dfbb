import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { collector } from '../../../src/host/collect.js'
import type { Command, Outcome } from '../../../src/host/connection.js'
import { type Become, commandLine, header, outcomeOf } from '../../../src/host/wire.js'
import { Secret } from '../../../src/lib/secret.js'
import { uutilsTimeout } from '../../support/uutils-timeout.js'

const password = 'correct horse battery'

/**
 * Stands for sudo: takes the same options, writes its arguments down, and as sudo -S reads the
 * password byte by byte when it has to ask.
 */
const fakeSudo = `#!/bin/sh
printf '%s\\n' "$@" >"$SUDO_LOG"
ask=
while [ $# -gt 0 ]; do
  case $1 in
    -S) ask=stdin ;;
    -n) ask=never ;;
    -p) shift ;;
    --) shift; break ;;
    *) echo "fake sudo does not know $1" >&2; exit 64 ;;
  esac
  shift
done
if [ "$SUDO_ASKS" = yes ]; then
  [ "$ask" = stdin ] || { echo 'sudo: a password is required' >&2; exit 1; }
  IFS= read -r given
  [ "$given" = '${password}' ] || { echo 'sudo: 1 incorrect password attempt' >&2; exit 1; }
fi
exec "$@"
`

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-sudo-'))
  writeFileSync(join(directory, 'sudo'), fakeSudo)
  chmodSync(join(directory, 'sudo'), 0o755)
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** The command by the wire through /bin/sh, as a login shell would get it, with the fake sudo first in PATH. */
async function run(become: Become, asks: boolean, command: Command, path = ''): Promise<Outcome> {
  const child = spawn('/bin/sh', ['-c', commandLine(become)], {
    env: {
      PATH: `${path ? `${path}:` : ''}${directory}:${process.env.PATH}`,
      SUDO_ASKS: asks ? 'yes' : 'no',
      SUDO_LOG: join(directory, 'log'),
    },
  })
  const output = collector(command)
  child.stdout.on('data', output.stdout)
  child.stderr.on('data', output.stderr)
  // one that was refused by sudo does not read on
  child.stdin.on('error', () => {})
  child.stdin.end(`${header(command, become)}${String(command.stdin ?? '')}`)
  await once(child, 'close')
  return outcomeOf(output.result())
}

const echo = { script: 'cat', stdin: 'line 1\nline 2 without end', timeoutMs: 10_000 }
const withPassword: Become = { sudo: { password: new Secret(password) } }
const without: Become = { sudo: { password: undefined } }

// seen with uutils 0.8.0: its answer came a minute later, when the line had been given up
it.each([{ reads: true }, {}] as const)(
  'a deadline is told where KILL reaches the shell alone: %j',
  { timeout: 20_000 },
  async (reads) => {
    const { path, remove } = uutilsTimeout()
    const command = { script: 'echo half; sleep 30', timeoutMs: 500, ...reads }
    const outcome = await Promise.race([
      run('none', false, command, path),
      new Promise((resolve) => setTimeout(resolve, 15_000, 'no answer')),
    ])
    remove()
    expect(outcome).toMatchObject({ kind: 'killed' })
  },
)

describe('sudo on the wire', () => {
  it.each([
    ['a sudo that asks, and a password', withPassword, true],
    ['a sudo that does not ask (NOPASSWD, a cached ticket), and a password', withPassword, false],
    ['a sudo that does not ask, and no password', without, false],
    ['no sudo at all', 'none', true],
  ] satisfies [string, Become, boolean][])(
    'with %s, the script reads its own stdin and nothing else',
    async (_, become, asks) => {
      const outcome = await run(become, asks, echo)
      expect(outcome).toMatchObject({ kind: 'exited', code: 0 })
      expect(outcome.kind === 'exited' && outcome.stdout.toString()).toBe(echo.stdin)
    },
  )

  it('keeps a password that looks like the wire’s own words out of the script', async () => {
    const become: Become = { sudo: { password: new Secret('$(echo oops) `id`; exit 9') } }
    const outcome = await run(become, false, echo)
    expect(outcome.kind === 'exited' && outcome.stdout.toString()).toBe(echo.stdin)
  })

  it.each([
    ['the wrong password', { sudo: { password: new Secret('not the password') } }, 'incorrect password'],
    ['no password where sudo asks', without, 'a password is required'],
  ] satisfies [string, Become, string][])(
    'with %s nothing runs, and the reason is sudo’s own',
    async (_, become, words) => {
      const outcome = await run(become, true, { ...echo, script: 'echo ran' })
      expect(outcome).toMatchObject({ kind: 'lost', reason: expect.stringContaining(words) })
    },
  )

  it('shows sudo, and so its log, neither password nor script nor arguments', async () => {
    await run(withPassword, true, { ...echo, script: 'cat; : marker', args: ['argument'] })
    const log = readFileSync(join(directory, 'log'), 'utf8')
    expect(log).toContain('/bin/sh')
    for (const word of [password, 'marker', 'argument']) expect(log).not.toContain(word)
  })

  it('puts nothing that varies on the command line', () => {
    expect(commandLine(withPassword)).not.toContain(password)
    expect(commandLine(without)).toContain('sudo -n')
  })
})

describe('outcomeOf', () => {
  const ended = (stderr: string, lost?: string): Outcome =>
    outcomeOf({
      stdout: Buffer.from('out\x1eKS end\x1e'),
      stderr: Buffer.from(stderr),
      ...(lost ? { lost } : {}),
    })

  it.each([
    ['a clean end', '\n\x1eKS 0\x1e', { kind: 'exited', code: 0, stderr: '' }],
    [
      'a failure with words',
      'no such thing\n\n\x1eKS 3\x1e',
      { kind: 'exited', code: 3, stderr: 'no such thing\n' },
    ],
    ['exit code 124 of its own', '\n\x1eKS 124\x1e', { kind: 'exited', code: 124 }],
    ['a deadline', 'slow\n\n\x1eKS timeout\x1e', { kind: 'killed', signal: 'TIMEOUT', stderr: 'slow\n' }],
    ['death by SIGKILL', '\n\x1eKS 137\x1e', { kind: 'killed', signal: 'KILL' }],
    ['death by a rare signal', '\n\x1eKS 152\x1e', { kind: 'killed', signal: 'signal 24' }],
    ['a trailer in the middle of what it said', '\x1eKS 0\x1e and then', { kind: 'lost' }],
    ['half a trailer', 'words\n\x1eKS 0', { kind: 'lost' }],
    ['silence', '', { kind: 'lost', reason: 'the command ended without an exit code' }],
  ])('reads %s', (_, stderr, expected) => {
    expect(ended(stderr)).toMatchObject(expected)
  })

  it('blames the transport where there is no trailer', () => {
    expect(ended('half an answ', 'the connection closed')).toEqual({
      kind: 'lost',
      reason: 'the connection closed',
    })
  })

  it('lets the script include the mark that ends it in the wire’s own text', async () => {
    const script = "cat <<'KUBESTRAP_END'\ninner\nKUBESTRAP_END\n"
    const outcome = await run('none', false, { script, timeoutMs: 10_000 })
    expect(outcome.kind === 'exited' && outcome.stdout.toString()).toBe('inner\n')
  })
})

it('what changes nothing is killed a second after its deadline, what changes something after five', () => {
  const script = (reads: { reads?: true }): string => {
    const [, line = ''] = header({ script: 'true', timeoutMs: 2_000, ...reads }, 'none').split('\n')
    return Buffer.from(line, 'base64').toString()
  }
  expect(script({ reads: true })).toContain('timeout -k 1 2 ')
  expect(script({})).toContain('timeout -k 5 2 ')
})
