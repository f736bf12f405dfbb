import { lstatSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { askedHosts } from '../../../src/cli/new/asked.js'
import { lookAgain } from '../../../src/cli/new/findings.js'
import { newOptions } from '../../../src/cli/new/options.js'
import { run } from '../../../src/cli/run.js'
import { newestTested } from '../../../src/kubernetes/releases/newest-tested.js'

const home = mkdtempSync(join(tmpdir(), 'ks-new-'))
let directory: string
const out: string[] = []
const err: string[] = []

const file = (name = 'inventory.yaml'): string => join(directory, name)
/** `kubestrap new` without a look. */
const create = (...args: string[]): Promise<number> => run(['new', '--no-look', ...args], '0')

beforeAll(() => {
  vi.stubEnv('HOME', home)
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => out.push(String(text)) > 0)
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => err.push(String(text)) > 0)
})
beforeEach(() => {
  directory = mkdtempSync(join(home, 'd-'))
})
afterEach(() => {
  out.length = 0
  err.length = 0
})
afterAll(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(home, { recursive: true })
})

describe('kubestrap new', () => {
  it('writes a file that validates, for everybody to read, and says what comes next', async () => {
    const code = await create(
      '--control-plane',
      '10.0.0.11',
      '--worker',
      '10.0.0.21,db=10.0.0.22',
      '-f',
      file(),
    )
    expect(code).toBe(0)
    expect(statSync(file()).mode & 0o777).toBe(0o644 & ~process.umask())
    expect(out.join('')).toMatch(/written: Kubernetes .*db +10\.0\.0\.22 +worker.*Next:.*kubestrap plan -i /s)
    expect(readFileSync(file(), 'utf8')).toContain(`version: "${newestTested()}"`)
    expect(await run(['inventory', 'validate', '-i', file()], '0')).toBe(0)
  })

  it('takes hosts by repeated flags, too', async () => {
    await create(
      '--control-plane',
      '10.0.0.11',
      '--worker',
      '10.0.0.21',
      '--worker',
      '10.0.0.22',
      '-f',
      file(),
    )
    expect(readFileSync(file(), 'utf8')).toMatch(/w1: .*\n.*w2: /)
  })

  it('writes the inventory alone to standard output', async () => {
    expect(await create('--control-plane', '10.0.0.11,10.0.0.12', '-f', '-')).toBe(0)
    expect(out.join('')).toMatch(/^# Written by kubestrap new\.[\s\S]*roles: \[control-plane, worker\] \}\n$/)
    expect(err.join('')).toMatch(
      /the endpoint is api\.kubernetes\.internal[\s\S]*2 control plane nodes are 2 etcd members/,
    )
  })

  it.each([
    ['inventory.yaml', 'remove inventory.yaml, and run kubestrap new'],
    [undefined, 'to look again: run kubestrap new'],
  ])('says how to look again, with the file %s', (name, said) => {
    expect(lookAgain(name)).toContain(said)
    // options that there are
    for (const [, option = ''] of lookAgain(name).matchAll(/--([a-z-]+)/g))
      expect(newOptions).toHaveProperty(option)
  })

  it.each(['a file', 'a link that leads nowhere'])('never overwrites %s', async (kind) => {
    if (kind === 'a file') writeFileSync(file(), 'mine')
    else symlinkSync(file('nowhere'), file())
    await expect(create('--control-plane', '10.0.0.11', '-f', file())).rejects.toMatchObject({
      kind: 'usage',
      message: `${file()} exists, and an inventory is never overwritten`,
      next: expect.stringContaining('-f'),
    })
    if (kind === 'a file') expect(readFileSync(file(), 'utf8')).toBe('mine')
    else expect(lstatSync(file('nowhere'), { throwIfNoEntry: false })).toBeUndefined()
  })

  it('asks nothing where there is no terminal, and names the flag', async () => {
    const tty = process.stdin.isTTY
    process.stdin.isTTY = false
    await expect(run(['new', '-f', file()], '0')).rejects.toMatchObject({
      kind: 'usage',
      message: 'no host is given, and there is no terminal to ask on',
      next: expect.stringContaining('--control-plane'),
    })
    process.stdin.isTTY = tty
  })

  it.each([
    [['--password', 'hunter2'], '--password is not a reference to a secret'],
    [['--sudo-password', 'hunter2'], '--sudo-password is not a reference to a secret'],
    [['--port', '70000'], '--port 70000 is not a port'],
    [['--user', 'a', '--user', 'b'], '--user is given more than once'],
    [['--user', 'a\u001b[2J'], '--user has an escape (U+001B) in it'],
    [['--user', 'a;b'], 'these hosts and options do not make a valid inventory'],
    [['--kubernetes-version', '1.x'], '--kubernetes-version 1.x is not a version'],
    [['--kubernetes-version', '1.9.1'], 'Kubernetes 1.9 is not supported'],
    [['--runtime', 'dokcer'], 'these hosts and options do not make a valid inventory'],
  ])('%j: %s', async (args, message) => {
    const failed = create('--control-plane', '10.0.0.11', '-f', file(), ...args)
    await expect(failed).rejects.toMatchObject({ kind: 'usage', message })
    await failed.catch((error: unknown) => expect(JSON.stringify(error)).not.toContain('hunter2'))
    expect(lstatSync(file(), { throwIfNoEntry: false })).toBeUndefined()
  })

  it.each([
    ['1.20.2', 'kubestrap lab bundle'],
    ['1.36.3', 'kubestrap bundle create'],
  ])('names the command that creates a bundle of %s: %s', async (version, command) => {
    await create(
      ...['--control-plane', '10.0.0.11', '--bundle', '/srv/no-bundle', '--kubernetes-version', version],
      ...['-f', file()],
    )
    expect(out.join('')).toContain(`${command} -i ${file()} `)
    expect(readFileSync(file(), 'utf8')).toContain(` # created by: ${command}\n`)
  })

  it('takes a minor for its newest known patch release', async () => {
    await create('--control-plane', '10.0.0.11', '--kubernetes-version', '1.21', '-f', '-')
    expect(out.join('')).toMatch(/version: "1\.21\.\d+"/)
  })

  it('names local files as the inventory finds them, from wherever it lies', async () => {
    await create(
      '--control-plane',
      '10.0.0.11',
      '--key',
      join(home, '.ssh/id'),
      '--bundle',
      '/srv/b',
      '-f',
      file(),
    )
    expect(readFileSync(file(), 'utf8')).toMatch(/bundle: \/srv\/b [\s\S]*key: ~\/\.ssh\/id /)
    await create(
      '--control-plane',
      '10.0.0.11',
      '--key',
      'test/id',
      '--password',
      'file:pw',
      '-f',
      file('two.yaml'),
    )
    const text = readFileSync(file('two.yaml'), 'utf8')
    const up = /key: ((?:\.\.\/)+.*test\/id),/.exec(text)?.[1] ?? ''
    expect(join(directory, up)).toBe(join(process.cwd(), 'test/id'))
    expect(text).toContain(`password: "file:${up.replace('test/id', 'pw')}"`)
  })
})

describe('questions', () => {
  const answer = async (...answers: string[]) => {
    const asked: string[] = []
    const answered = await askedHosts(
      {
        ask: async (question) => {
          asked.push(question)
          return answers.shift() ?? ''
        },
        close: () => {},
      },
      undefined,
    )
    return { asked, answered }
  }

  it('are about control planes, workers and the login user; empty answers mean what they say', async () => {
    const { asked, answered } = await answer('10.0.0.11', '', '')
    expect(asked).toHaveLength(3)
    expect(answered).toMatchObject({ hosts: { 'control-plane': ['10.0.0.11'], worker: [] }, user: undefined })
  })

  it('are asked again after an answer that cannot be, and about load balancers when there are several control planes', async () => {
    const { asked, answered } = await answer(
      '',
      '10.0.0.256',
      '10.0.0.11 10.0.0.12',
      'w1=10.0.0.21',
      '10.0.0.5',
      ' ops ',
    )
    expect(asked).toHaveLength(6)
    expect(answered).toMatchObject({ hosts: { 'load-balancer': ['10.0.0.5'] }, user: 'ops' })
    expect(err.join('')).toContain('"10.0.0.256" is not an IP address')
  })
})
