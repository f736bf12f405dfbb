import { describe, expect, it } from 'vitest'
import type { SshSpec } from '../../../src/host/ssh-spec.js'
import { decodeInventory } from '../../../src/inventory/decode.js'
import { InventoryError } from '../../../src/inventory/problem.js'
import type { SshWorld } from '../../../src/inventory/ssh-config/world.js'
import { known, said } from './support.js'

/** An inventory of cp1 with these `ssh` sections. */
const inventory = (all: string, own = '{}'): string => `kubernetes: { version: "1.20.2" }
binaries: { bundle: b }
ssh: ${all}
hosts:
  cp1: { address: 192.0.2.11, roles: [control-plane], ssh: ${own} }
`

const world = (config: string): SshWorld => ({
  localUser: 'me',
  uid: 1000,
  localHost: 'laptop',
  addresses: [],
  environment: {},
  read: (path) => (path === '/home/me/.ssh/config' || path === '/etc/ks/own' ? config : undefined),
  glob: () => [],
  exec: () => false,
})

/** How cp1 is reached. */
function ssh(all: string, own = '{}', config = ''): SshSpec {
  const options = {
    file: '/etc/ks/i.yaml',
    label: 'i.yaml',
    home: '/home/me',
    known,
    sshWorld: world(config),
  }
  const [first] = decodeInventory(inventory(all, own), options).hosts
  if (!first) throw new Error('no host')
  return first.ssh
}

/** user@host:port of every machine on the way, the host last. */
function way(spec: SshSpec): string[] {
  return [...(spec.via ? way(spec.via) : []), `${spec.user}@${spec.host}:${spec.port}`]
}

describe('what the inventory says of SSH', () => {
  it('wins over the SSH configuration, and that over defaults', () => {
    const config = `Host 192.0.2.*
  User config
  Port 2200
  HostName nat.example.com
  IdentityFile ~/config-key
  StrictHostKeyChecking accept-new
  UserKnownHostsFile ~/config-known
  IdentitiesOnly yes
  HostKeyAlias alias
`
    expect(ssh('{}', '{}', config)).toMatchObject({
      user: 'config',
      port: 2200,
      host: 'nat.example.com',
      keys: ['/home/me/config-key'],
      keysNamed: true,
      identitiesOnly: true,
      hostKeys: 'accept-new',
      hostKeyAlias: 'alias',
      knownHosts: ['/etc/ks/i.known_hosts', '/home/me/config-known', '/etc/ssh/ssh_known_hosts'],
    })
    expect(
      ssh(
        '{ user: ops, key: k, knownHosts: kh, identitiesOnly: false }',
        '{ port: 22, hostKeys: strict }',
        config,
      ),
    ).toMatchObject({
      user: 'ops',
      port: 22,
      keys: ['/etc/ks/k'],
      identitiesOnly: false,
      hostKeys: 'strict',
      knownHosts: ['/etc/ks/kh'],
    })
  })

  it('has no key files, not the default ones, where the SSH configuration says none', () => {
    expect(ssh('{}', '{}', 'IdentityFile none\n')).toMatchObject({ keys: [], keysNamed: true })
    expect(ssh('{ jump: gate }', '{}', 'IdentityFile none\n').via).toMatchObject({
      keys: [],
      keysNamed: true,
    })
    expect(ssh('{}')).toMatchObject({
      keysNamed: false,
      keys: expect.arrayContaining(['/home/me/.ssh/id_rsa']),
    })
    expect(ssh('{ jump: gate }').via).toMatchObject({ keysNamed: false })
    expect(ssh('{ jump: gate, key: k }').via?.keys).toEqual(['/etc/ks/k'])
  })

  it('dials an alias where there is one, and the node keeps its address', () => {
    const config = 'Host one\n  HostName one.example.com\nHost 192.0.2.11\n  User no\n'
    expect(ssh('{}', '{ host: one }', config)).toMatchObject({ host: 'one.example.com', user: 'root' })
    expect(ssh('{}', '{ host: two }', config).host).toBe('two')
  })

  it('is asked with the inventory’s user, as ssh -l would', () => {
    expect(ssh('{ user: ops }', '{}', 'Match user ops\n  Port 7\n').port).toBe(7)
  })

  it('turns the SSH configuration off, or to another file', () => {
    const config = 'User config\n'
    expect(ssh('{ config: false }', '{}', config).user).toBe('root')
    expect(ssh('{ config: own }', '{}', config).user).toBe('config')
    expect(() => ssh('{ config: none-there }', '{}', config)).toThrow('/etc/ks/none-there not found')
  })

  it('names bastions in the order they are passed, with the user of the host behind unless said', () => {
    expect(way(ssh('{ user: ops, jump: "a@one:2200,two,[2001:db8::1]:24" }'))).toEqual([
      'a@one:2200',
      'ops@two:22',
      'ops@2001:db8::1:24',
      'ops@192.0.2.11:22',
    ])
  })

  it('lets one host go another way, or straight', () => {
    expect(way(ssh('{ jump: one }', '{ jump: two }'))).toEqual(['root@two:22', 'root@192.0.2.11:22'])
    expect(way(ssh('{ jump: one }', '{ jump: none }'))).toEqual(['root@192.0.2.11:22'])
    expect(way(ssh('{}', '{ jump: none }', 'ProxyJump one\n'))).toEqual(['root@192.0.2.11:22'])
  })

  it('reads of each bastion what the SSH configuration says', () => {
    const config = `Host bastion
  HostName b.example.com
  User jumper
  Port 2222
  IdentityFile ~/bastion-key
  ProxyJump outer
Host 192.0.2.*
  ProxyJump bastion
`
    const spec = ssh('{ key: k }', '{}', config)
    expect(way(spec)).toEqual(['jumper@outer:22', 'jumper@b.example.com:2222', 'root@192.0.2.11:22'])
    expect(spec.via?.keys).toEqual(['/etc/ks/k', '/home/me/bastion-key'])
  })

  it('does not reach a bastion through itself where a rule is for all hosts', () => {
    expect(way(ssh('{}', '{}', 'Host *\n  ProxyJump one\n'))).toEqual(['root@one:22', 'root@192.0.2.11:22'])
    expect(way(ssh('{ jump: 192.0.2.11 }'))).toEqual(['root@192.0.2.11:22'])
  })

  it('refuses bastions in a circle', () => {
    const config = 'Host one\n  ProxyJump two\nHost two\n  ProxyJump one\n'
    expect(() => ssh('{ jump: one }', '{}', config)).toThrow('form a cycle: 192.0.2.11 → one → two → one')
  })

  it('goes by a command when the SSH configuration does, unless the inventory jumps', () => {
    const config = 'ProxyCommand nc %h %p\n'
    expect(ssh('{}', '{}', config)).toMatchObject({ proxyCommand: 'nc 192.0.2.11 22', via: undefined })
    expect(ssh('{ jump: one }', '{}', config)).toMatchObject({ proxyCommand: undefined })
  })

  it('keeps a fingerprint to the host it is of', () => {
    const print = `SHA256:${'a'.repeat(43)}`
    const spec = ssh('{ jump: one }', `{ hostKey: "${print}=" }`)
    expect([spec.hostKey, spec.via?.hostKey]).toEqual([print, undefined])
  })
})

describe('secrets of the inventory', () => {
  it('are references, with their key and place', () => {
    const spec = ssh('{ password: prompt, passphrase: "env:PASS" }', '{ sudo: { password: "file:~/sudo" } }')
    expect(spec.password).toEqual({ source: { kind: 'prompt' }, key: 'ssh.password', at: 'i.yaml:3:8' })
    expect(spec.passphrase?.source).toEqual({ kind: 'env', name: 'PASS' })
    expect(spec.sudoPassword).toEqual({
      source: { kind: 'file', path: '/home/me/sudo' },
      key: 'ssh.sudo.password',
      at: 'i.yaml:5:70',
    })
    expect(ssh('{ password: "command:pass show a" }').password?.source).toEqual({
      kind: 'command',
      command: 'pass show a',
    })
  })

  it("of a host are never a bastion's, whatever way the bastion was named", () => {
    const all = '{ password: prompt, sudo: { password: prompt } }'
    const config = 'Host 192.0.2.11\n  ProxyJump one,two\nHost one\n  ProxyJump zero\n'
    for (const spec of [ssh(all, '{ jump: one }'), ssh(all, '{}', config)]) {
      expect(spec.password).toBeDefined()
      for (let hop = spec.via; hop; hop = hop.via)
        expect(hop).toMatchObject({ password: undefined, sudoPassword: undefined })
    }
  })

  it('of a bastion are its own, by its name, the stronger place winning', () => {
    const spec = ssh(
      '{ jump: "a@one:2222,Two", password: prompt, passphrase: "env:OURS", bastions: { one: { password: "env:ONE" }, two: { password: "env:TWO", passphrase: "env:KEY" } } }',
      '{ bastions: { two: { password: "env:OTHER" } } }',
    )
    expect(spec.via).toMatchObject({
      password: {
        source: { name: 'OTHER' },
        key: 'ssh.bastions.two.password',
        at: expect.stringMatching(/^i.yaml:5:/),
      },
      passphrase: { source: { name: 'KEY' } },
      via: { password: { source: { name: 'ONE' } }, passphrase: { source: { name: 'OURS' } } },
    })
    expect(spec.password?.source).toEqual({ kind: 'prompt' })
  })

  it('of a bastion are refused in plain text, too', () => {
    expect(said(inventory('{ jump: one, bastions: { one: { password: hunter2 } } }'))[0]).toMatch(
      /^i.yaml:3:\d+: password is not a reference/,
    )
  })

  it.each([
    ['a word', 'hunter2'],
    ['a number', '19283746'],
    ['a list', '[hunter2]'],
    ['an unknown form', 'vault:hunter2'],
    ['a variable that cannot be', 'env:hunter 2'],
  ])('are refused in plain text, by place, and not shown: %s', (_, plain) => {
    const lines = said(inventory(`{ password: ${plain} }`))
    expect(lines).toEqual([
      'i.yaml:3:18: password is not a reference to a secret → password: one of env:NAME, file:PATH, command:COMMAND or prompt; secrets do not belong in this file',
    ])
    expect(lines.join()).not.toMatch(/hunter|19283746/)
  })

  it('are refused for one host too, for sudo too', () => {
    expect(said(inventory('{}', '{ sudo: { password: x } }'))[0]).toMatch(
      /^i.yaml:5:\d+: password is not a reference/,
    )
  })
})

describe('problems of SSH', () => {
  it.each([
    ['a way that is none', '{ jump: "a b" }', '3:14: "a b" is not a valid jump'],
    ['a port that is none', '{ jump: "a:70000" }', '3:14: "a:70000" is not a valid jump'],
    ['a host for all', '{ host: a }', '3:8: unknown key host'],
  ])('%s', (_, all, words) => {
    expect(said(inventory(all))[0]).toContain(`i.yaml:${words}`)
  })

  it('a fingerprint of another kind', () => {
    expect(said(inventory('{}', '{ hostKey: "MD5:00" }'))[0]).toContain(
      'SHA256:…, as ssh-keygen -l prints it',
    )
  })

  it('are all told at once', () => {
    expect(() => ssh('{ jump: "a b", password: x }')).toThrow(InventoryError)
    expect(said(inventory('{ jump: "a b", password: x }'))).toHaveLength(2)
  })
})
