import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, type ConfigAnswer, configFiles } from '../../../../src/inventory/ssh-config/answer.js'
import { thisWorld } from '../../../../src/inventory/ssh-config/world.js'

let directory = ''
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'ks-config-'))
})
afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** Writes a configuration; <dir> in it is the directory all its files are in. */
function write(name: string, text: string): string {
  const file = join(directory, name)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text.replaceAll('<dir>', directory), { mode: 0o600 })
  return file
}

function ask(text: string, given: string, user?: string, port?: number): ConfigAnswer {
  const files = configFiles(write('config', text), homedir())
  return answer(files, { given, user, port }, homedir(), thisWorld())
}

/** What OpenSSH's own client makes of the same file: `ssh -G` prints every directive's value. */
function openssh(text: string, given: string, user?: string, port?: number): Record<string, string[]> {
  const file = write('config', text)
  const more = [...(user ? ['-l', user] : []), ...(port ? ['-p', String(port)] : [])]
  const out: Record<string, string[]> = {}
  for (const line of execFileSync('ssh', ['-T', '-G', '-F', file, ...more, given], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
    .toString()
    .split('\n')) {
    const [keyword = '', ...rest] = line.split(' ')
    out[keyword] = [...(out[keyword] ?? []), rest.join(' ')]
  }
  return out
}

const cases: [title: string, given: string, text: string, user?: string, port?: number][] = [
  ['an empty file', 'a', ''],
  ['the first value of each', 'a', 'Host a\n  Port 1\nHost *\n  Port 2\n  User u\n'],
  ['patterns', 'web3.example.com', 'Host db? *.example.org\n  Port 1\nHost web?.example.*\n  Port 2\n'],
  ['a negated pattern', 'b', 'Host * !b\n  Port 1\nHost *\n  Port 2\n'],
  ['only negated patterns', 'a', 'Host !b\n  Port 1\n'],
  ['equals signs, tabs, case and comments', 'a', '# x\nHOST\t"a"\n\tport = 7 # seven\n   uSER=u\n'],
  ['quotes and escapes', 'a', 'Host a\n  IdentityFile "<dir>/with space"\n  User \'u\'\n'],
  ['a name to dial, with a token', 'a', 'Host a\n  HostName %h.example.com\n'],
  ['an upper-case name, which is not the lower-case one', 'ALIAS', 'Host alias\n  HostName b\n  Port 3\n'],
  [
    'identity files, all of them, once',
    'a',
    'IdentityFile <dir>/1\nHost a\n  IdentityFile <dir>/2\n  IdentityFile <dir>/1\n',
  ],
  [
    'tokens in an identity file',
    'a',
    'Host a\n  HostName h\n  Port 9\n  IdentityFile <dir>/%r-%h-%p-%n-%u-%L-%%\n',
    'me',
  ],
  [
    'Match host after HostName',
    'a',
    'Host a\n  HostName b\nMatch host b\n  Port 4\nMatch host a\n  User no\n',
  ],
  ['Match originalhost', 'a', 'Host a\n  HostName b\nMatch originalhost a\n  Port 4\n'],
  ['Match user, from outside', 'a', 'Match user ops\n  Port 4\nMatch user root\n  Port 5\n', 'ops'],
  ['Match user, from the file', 'a', 'Host a\n  User ops\nMatch user ops,admin\n  Port 4\n'],
  ['Match with a negated criterion', 'a', 'Match !user ops host a\n  Port 4\n', 'me'],
  ['Match with a negated pattern', 'a', 'Match host *,!a\n  Port 4\nMatch all\n  Port 5\n'],
  [
    'Match exec, true and false',
    'a',
    'Match exec "test %h = b"\n  Port 4\nMatch exec "test %n = a"\n  Port 5\n',
  ],
  ['Match exec behind what does not hold', 'a', 'Match host b exec "touch <dir>/ran"\n  Port 4\n'],
  ['Match final', 'a', 'Match final host b\n  Port 4\nHost a\n  HostName b\n'],
  [
    'Match final turns Host to the name dialled',
    'a',
    'Host b\n  Port 6\nHost a\n  HostName b\nMatch final all\n  User f\n',
  ],
  ['Match localuser', 'a', `Match localuser nobody-here\n  Port 4\nMatch localuser *\n  Port 5\n`],
  ['Include, with a pattern', 'a', 'Include <dir>/conf.d/*.conf\nHost *\n  User last\n'],
  [
    'Include within a Host that does not apply',
    'a',
    'Host b\n  Include <dir>/conf.d/*.conf\nHost *\n  User last\n',
  ],
  ['Host within an Include ends with it', 'a', 'Host a\n  Include <dir>/conf.d/1.conf\n  User mine\n'],
  ['an Include that is not there', 'a', 'Include <dir>/nothing/*\nPort 3\n'],
  ['a jump before a command', 'a', 'Host a\n  ProxyJump u@b:3,c\n  ProxyCommand nc %h %p\n'],
  ['a command before a jump', 'a', 'Host a\n  ProxyCommand nc %h %p\n  ProxyJump u@b\n'],
  ['no jump', 'a', 'Host a\n  ProxyJump none\nHost *\n  ProxyJump b\n'],
  ['known_hosts files', 'a', 'UserKnownHostsFile <dir>/one ~/two\nGlobalKnownHostsFile <dir>/three\n'],
  ['checking off', 'a', 'StrictHostKeyChecking no\n'],
  ['accept-new', 'a', 'StrictHostKeyChecking accept-new\nHostKeyAlias cluster\n'],
  ['only the identities named', 'a', 'IdentitiesOnly yes\nIdentityAgent <dir>/agent\n'],
  ['no agent', 'a', 'IdentityAgent none\n'],
  ['a port from outside wins', 'a', 'Port 4\n', undefined, 7],
]

describe.skipIf(!existsSync('/usr/bin/ssh'))('an SSH configuration means what it means to ssh:', () => {
  beforeAll(() => {
    write('conf.d/1.conf', 'Host b\n  Port 11\nHost a\n  Port 12\n')
    write('conf.d/2.conf', 'User two\nPort 13\n')
    write('conf.d/.hidden.conf', 'User hidden\n')
  })

  it.each(cases)('%s', (_, given, text, user, port) => {
    const ours = ask(text, given, user, port)
    const theirs = openssh(text, given, user, port)
    const nothing = openssh('', given, user, port)
    expect(ours.host ?? given.toLowerCase()).toBe(theirs.hostname?.[0])
    expect(String(port ?? ours.port ?? 22)).toBe(theirs.port?.[0])
    expect(user ?? ours.user ?? theirs.user?.[0]).toBe(theirs.user?.[0])
    const home = (path: string): string => path.replace(/^~(?=\/)/, homedir())
    if (ours.keys) {
      // ssh -G shows them with their tokens
      expect(ours.keys).toHaveLength(theirs.identityfile?.length ?? 0)
      if (!text.includes('%r')) expect(ours.keys).toEqual(theirs.identityfile)
    } else expect(theirs.identityfile).toEqual(nothing.identityfile)
    expect(ours.identitiesOnly ? 'yes' : 'no').toBe(theirs.identitiesonly?.[0])
    expect(ours.jump === 'none' ? undefined : ours.jump).toBe(theirs.proxyjump?.[0])
    if (ours.proxyCommand === undefined) expect(theirs.proxycommand).toBeUndefined()
    else expect(text).toContain(theirs.proxycommand?.[0])
    if (ours.userKnownHosts)
      expect(ours.userKnownHosts).toEqual(theirs.userknownhostsfile?.[0]?.split(' ').map(home))
    else expect(theirs.userknownhostsfile).toEqual(nothing.userknownhostsfile)
    expect(ours.hostKeyAlias).toBe(theirs.hostkeyalias?.[0])
    expect(existsSync(join(directory, 'ran'))).toBe(false)
  })
})

describe('an SSH configuration', () => {
  it('has its tokens and the home directory replaced', () => {
    const { keys, proxyCommand, host } = ask(
      'Host a\n  HostName h\n  Port 9\n  IdentityFile ~/k-%r-%h-%p-%n-%%\n  ProxyCommand nc -q "%r" %h %p\n',
      'a',
      'me',
    )
    expect(keys).toEqual([`${homedir()}/k-me-h-9-a-%`])
    expect(proxyCommand).toBe('nc -q "me" h 9')
    expect(host).toBe('h')
  })

  it('that turns checking off is strict, and a note says where it does', () => {
    const { hostKeys, notes } = ask('Host *\n  StrictHostKeyChecking no\n', 'a')
    expect(hostKeys).toBe('strict')
    expect(notes).toEqual([
      `${join(directory, 'config')}:2 sets StrictHostKeyChecking no: ignored, host keys are checked`,
    ])
  })

  it('names the agent by a variable of the environment, or none', () => {
    expect(ask('IdentityAgent none\n', 'a').agent).toBe(false)
    expect(ask('IdentityAgent $NO_SUCH_VARIABLE\n', 'a').agent).toBe(false)
    expect(ask('IdentityAgent SSH_AUTH_SOCK\n', 'a').agent).toBeUndefined()
    expect(ask('IdentityAgent ~/agent.%u\n', 'a').agent).toMatch(/^\/.*agent\./)
  })

  it.each([
    ['a criterion nobody knows', 'Host x\nMatch sessiontype shell\n', ':2: Match sessiontype'],
    ['a criterion without its value', 'Match host\n', ':1: Match host without a value'],
    ['a quote that does not end', 'User "me\n', ':1: a quote'],
    ['a token that stands for nothing', 'IdentityFile ~/%y\n', ':1: %y'],
    [
      'a variable that is not set',
      `IdentityFile \${NO_SUCH_VARIABLE}/k\n`,
      ':1: environment variable NO_SUCH_VARIABLE is not set',
    ],
    ['a circle of files', 'Include <dir>/config\n', ':1: Include is nested deeper'],
  ])('is refused for %s, by file and line', (_, text, words) => {
    expect(() => ask(text, 'a')).toThrow(
      expect.objectContaining({ kind: 'inventory', message: expect.stringContaining(words) }),
    )
  })

  it('is the user’s and then the system’s', () => {
    expect(configFiles(undefined, '/home/me')).toEqual([
      { path: '/home/me/.ssh/config', includes: '/home/me/.ssh' },
      { path: '/etc/ssh/ssh_config', includes: '/etc/ssh' },
    ])
    expect(readFileSync(write('x', 'y'), 'utf8')).toBe('y')
  })
})
