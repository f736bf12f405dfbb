import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { answer, configFiles } from '../../src/inventory/ssh-config/answer.js'
import { thisWorld } from '../../src/inventory/ssh-config/world.js'

const missing = spawnSync('ssh', ['-V']).error ? 'ssh is not installed' : undefined

const given = fc.constantFrom('a', 'b1', 'web.example.com', 'WEB', '10.0.0.1')
const pattern = fc.constantFrom(
  ...['a', 'b?', 'b*', '*', '*.example.com', 'web*', 'WEB', '10.0.0.*', '!a', '!b1', '!*.com', 'real-*'],
)
const patterns = fc.array(pattern, { minLength: 1, maxLength: 3 })

const directive = fc.oneof(
  fc.constantFrom('real-a', '%h.example.com', '10.0.0.9', 'real-%h').map((value) => `HostName ${value}`),
  fc.integer({ min: 1, max: 65_535 }).map((port) => `Port ${port}`),
  fc.constantFrom('alice', 'bob', '"carol"').map((user) => `User ${user}`),
  fc
    .constantFrom('~/.ssh/one', '/keys/%r-%h-%p', '"/keys/with blank"', 'none', '/keys/%%')
    .map((file) => `IdentityFile ${file}`),
  fc.constantFrom('yes', 'no').map((value) => `IdentitiesOnly ${value}`),
  fc.constantFrom('alias1', 'alias2', 'alias-%h').map((value) => `HostKeyAlias ${value}`),
  fc.constantFrom('j1', 'u@j2:2022', 'j3,j4', 'none').map((value) => `ProxyJump ${value}`),
  fc.constantFrom('nc one 22', 'none', 'ssh -W two gate').map((value) => `ProxyCommand ${value}`),
  fc
    .constantFrom('/known/%h', '/known/a /known/b', '~/known "/known/with blank"', 'none', 'NONE')
    .map((value) => `UserKnownHostsFile ${value}`),
  fc
    .constantFrom('/global/a', '/global/a /global/b', '~/global /global/%h', '"/global/with blank"', 'none')
    .map((value) => `GlobalKnownHostsFile ${value}`),
  fc
    .constantFrom('yes', 'no', 'ask', 'off', 'accept-new', 'Accept-New', 'YES')
    .map((value) => `StrictHostKeyChecking ${value}`),
)
/** Keyword and value in the ways they may be written. */
const written = fc
  .tuple(directive, fc.constantFrom(' ', '\t', '=', ' = '), fc.boolean())
  .map(([text, sign, loud]) => {
    const at = text.indexOf(' ')
    const keyword = text.slice(0, at)
    return `  ${loud ? keyword.toUpperCase() : keyword}${sign}${text.slice(at + 1)}`
  })
const head = fc.oneof(
  patterns.map((list) => `Host ${list.join(' ')}`),
  patterns.map((list) => `Match host ${list.join(',')}`),
  patterns.map((list) => `Match originalhost ${list.join(',')}`),
  fc.constantFrom('Match all', 'Match user alice', 'Match user !bob,*', 'Match final host real-*'),
)
const block = fc
  .tuple(head, fc.array(written, { minLength: 1, maxLength: 3 }))
  .map(([top, lines]) => [top, ...lines].join('\n'))
const config = fc
  .tuple(fc.array(written, { maxLength: 2 }), fc.array(block, { maxLength: 4 }))
  .map(([top, blocks]) => `${[...top, ...blocks].join('\n')}\n`)

const files = (ours: readonly string[] | undefined, silent: string): string =>
  ours === undefined ? silent : ours.join(' ')

/** The keys that ssh offers of those it shows: `ssh -G` (OpenSSH 9.2) shows IdentityFile as written. Its defaults are no answer. */
function keysOf(shown: readonly string[], tokens: Readonly<Record<string, string>>): string[] | undefined {
  if (shown.includes('~/.ssh/id_rsa')) return undefined
  return shown
    .filter((file) => file !== 'none')
    .map((file) =>
      file.replace(/%(.)/g, (_, letter: string) => tokens[letter] ?? '').replace(/^~/, homedir()),
    )
}

describe.skipIf(missing !== undefined)(
  `an SSH configuration is understood as by ssh -G${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    let directory = ''
    beforeAll(() => {
      directory = mkdtempSync(join(tmpdir(), 'ks-agrees-'))
    })
    afterAll(() => rmSync(directory, { recursive: true, force: true }))

    it('host, port, user, keys, alias, the way there, the files of known hosts, and how host keys are checked', () => {
      fc.assert(
        fc.property(config, given, fc.option(fc.constantFrom('alice', 'zoe')), (text, host, user) => {
          const file = join(directory, 'config')
          writeFileSync(file, text)
          const ran = spawnSync('ssh', ['-T', '-G', '-F', file, ...(user ? ['-l', user] : []), host], {
            encoding: 'utf8',
          })
          // what ssh refuses need not be understood
          fc.pre(ran.status === 0)
          const all = (keyword: string): string[] =>
            ran.stdout
              .split('\n')
              .filter((line) => line.startsWith(`${keyword} `))
              .map((line) => line.slice(keyword.length + 1))
          const question = { given: host, user: user ?? undefined, port: undefined }
          const world = thisWorld()
          const ours = answer(configFiles(file, homedir()), question, homedir(), world)
          const one = (keyword: string): string | undefined => all(keyword)[0]
          const optional = (value: string | undefined): string | undefined =>
            value === 'none' ? undefined : value
          expect({
            host: (ours.host ?? host).toLowerCase(),
            port: ours.port ?? 22,
            user: user ?? ours.user ?? world.localUser,
            identitiesOnly: ours.identitiesOnly,
            alias: ours.hostKeyAlias,
            jump: optional(ours.jump),
            command: ours.proxyCommand,
            keys: ours.keys,
            // ssh -G has blanks between files, whatever is in their names
            userKnownHosts: files(
              ours.userKnownHosts,
              `${homedir()}/.ssh/known_hosts ${homedir()}/.ssh/known_hosts2`,
            ),
            globalKnownHosts: files(
              ours.globalKnownHosts,
              '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2',
            ),
            hostKeys: ours.hostKeys ?? 'strict',
          }).toEqual({
            host: one('hostname')?.toLowerCase(),
            port: Number(one('port')),
            user: one('user'),
            identitiesOnly: one('identitiesonly') === 'yes',
            alias: one('hostkeyalias'),
            jump: optional(one('proxyjump')),
            command: optional(one('proxycommand')),
            keys: keysOf(all('identityfile'), {
              h: one('hostname') ?? '',
              p: one('port') ?? '',
              r: one('user') ?? '',
              '%': '%',
            }),
            userKnownHosts:
              one('userknownhostsfile')?.toLowerCase() === 'none' ? '' : one('userknownhostsfile'),
            globalKnownHosts: optional(one('globalknownhostsfile')) ?? '',
            // no, off: host keys are checked all the same, and that is told
            hostKeys: one('stricthostkeychecking') === 'accept-new' ? 'accept-new' : 'strict',
          })
        }),
        { numRuns: 150 },
      )
    })
  },
)
