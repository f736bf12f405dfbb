import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { expandForShell, type TokenValues } from '../../../../src/inventory/ssh-config/tokens.js'
import { UserError } from '../../../../src/lib/errors.js'

const values: TokenValues = {
  given: 'cp1',
  host: 'cp1.example.com',
  port: 22,
  user: 'ops',
  localUser: 'me',
  uid: 1000,
  home: '/home/me',
  localHost: 'laptop',
  hostKeyAlias: '',
  jump: 'a@b:22,c',
}

describe('names in a command that a shell reads', () => {
  it('are put where their tokens stand', () => {
    expect(expandForShell('nc -X 5 %h %p %r %n %k %j %%h', values, 'c:1')).toBe(
      'nc -X 5 cp1.example.com 22 ops cp1 cp1 a@b:22,c %h',
    )
  })

  it.each([
    ['given', '%n', '$(touch x)'],
    ['given', '%k', '`touch x`'],
    ['host', '%h', 'a;touch x'],
    ['host', '%h', '-oProxyCommand=touch'],
    ['user', '%r', 'a|touch x'],
    ['user', '%r', 'a -oX'],
    ['hostKeyAlias', '%k', 'a&touch'],
    ['jump', '%j', 'a,$(touch x)'],
    ['host', '%h', 'a\nb'],
  ])('are refused where a shell would run or divide them: %s in %s is %j', (key, token, name) => {
    expect(() => expandForShell(`nc ${token} 22`, { ...values, [key]: name }, 'c:7')).toThrow(
      `c:7: ${token} is ${JSON.stringify(name)}, which a shell would run`,
    )
    // where no token is, nobody reads it
    expect(expandForShell(`nc %%${token.slice(1)}`, { ...values, [key]: name }, 'c:7')).toBe(`nc ${token}`)
  })

  it('whatever they are, come out of a shell as they went in', () => {
    const piece = fc.constantFrom(
      'a',
      '.',
      '-',
      ':',
      '@',
      '%',
      '$',
      '(',
      ')',
      '`',
      ';',
      '&',
      '|',
      '<',
      '>',
      "'",
      '"',
      '\\',
      '\n',
      ' ',
      '=',
      '[',
      ']',
      '/',
    )
    const names = fc
      .sample(
        fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join('')),
        { numRuns: 3000, seed: 7 },
      )
      .flatMap((host) => {
        try {
          return [[host, expandForShell(`printf '%%s\\n' %h`, { ...values, host }, 'c:1')] as const]
        } catch (error) {
          if (!(error instanceof UserError)) throw error
          return []
        }
      })
    expect(names.length).toBeGreaterThan(100)
    // without globbing, of which a working directory without such names makes nothing
    const printed = execFileSync('/bin/sh', [
      '-fc',
      names.map(([, command]) => command).join('\n'),
    ]).toString()
    expect(printed.trimEnd().split('\n')).toEqual(names.map(([host]) => host))
  })
})
