import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Command, Connection } from '../../../src/host/connection.js'
import { lostEpoch, mutateScript } from '../../../src/host/mutate-script.js'
import { createHost } from '../../../src/host/remote-host.js'
import { atWorkScript, parseAtWork, takeOverScript } from '../../../src/host/run-scripts.js'
import { asNoted, underWay } from '../../../src/host/under-way.js'

describe('a change that is under way', () => {
  let directory = ''
  let change: ChildProcess
  const own = (script: string): string =>
    script.replaceAll('/run/kubestrap', directory).replaceAll('/var/lib/kubestrap', join(directory, 'state'))
  const ask = (script: string, ...args: string[]) =>
    spawnSync('/bin/sh', ['-c', own(script), 'sh', ...args], { encoding: 'utf8' })
  const changing = async (what: string): Promise<void> => {
    const args = ['e1', asNoted(what), '0', 'echo go; read -r end']
    change = spawn('/bin/sh', ['-c', own(mutateScript), 'sh', ...args], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await once(change.stdout as NonNullable<typeof change.stdout>, 'data')
  }
  const end = async (): Promise<void> => {
    change.stdin?.end('\n')
    await once(change, 'close')
  }

  beforeEach(() => {
    directory = join(mkdtempSync(join(tmpdir(), 'ks-run-')), 'kubestrap')
    mkdirSync(directory)
    writeFileSync(join(directory, 'epoch'), 'e1\n')
    writeFileSync(join(directory, 'owner'), 'e1 up by ann@laptop\x1b[2J\n')
  })
  afterEach(() => rmSync(join(directory, '..'), { recursive: true }))

  test('is named to who looks, with how long it has been at work, as long as it lasts', async () => {
    await changing('install packages etcd\n\x1b[2J')
    expect(parseAtWork(ask(atWorkScript, '0').stdout)).toEqual({
      epoch: 'e1',
      owner: 'up by ann@laptop\\x1b[2J',
      busy: true,
      doing: expect.stringMatching(/^install packages etcd\\n\\x1b\[2J \(for \d+ s\)$/),
    })
    await end()
    expect(parseAtWork(ask(atWorkScript, '0').stdout)).toMatchObject({ busy: false, doing: undefined })
  })

  test('is named to a run that waits for it in vain', async () => {
    await changing('upload /usr/bin/kubelet')
    const waited = ask(takeOverScript, 'e2', '0.1', 'up by bob')
    expect([waited.status, underWay(waited.stdout)]).toEqual([
      lostEpoch,
      expect.stringContaining('upload /usr/bin/kubelet (for '),
    ])
    const host = createHost('cp1', {
      run: async () => ({
        kind: 'exited',
        code: lostEpoch,
        stdout: Buffer.from(waited.stdout),
        stderr: 'sh',
      }),
    } as unknown as Connection)
    await expect(host.takeOver('e2')).rejects.toMatchObject({
      host: 'cp1',
      why: expect.stringContaining('upload /usr/bin/kubelet'),
    })
    await end()
  })

  test('is what the run calls it, or how its script begins; its notes, arguments and input reach it', async () => {
    const host = createHost('cp1', {
      run: async ({ script, args = [], stdin = '' }: Command) => {
        const ran = spawnSync('/bin/sh', ['-c', own(script), 'sh', ...args], { input: String(stdin) })
        return { kind: 'exited', code: ran.status, stdout: ran.stdout, stderr: String(ran.stderr) }
      },
    } as unknown as Connection)
    await host.takeOver('e2', 'up by bob')
    const script = 'echo "$1"; cat'
    const done = await host.mutate({
      what: 'say it\n\x1b[2J',
      script,
      args: ['a b'],
      ledger: ['package etcd', 'image x:1'],
      stdin: 'in',
      timeoutMs: 1_000,
    })
    await host.mutate({ script: 'exit 0', timeoutMs: 1_000 })
    expect(done.stdout.toString()).toBe('a b\nin')
    expect(readFileSync(join(directory, 'state/ledger'), 'utf8')).toBe(
      '2\tpackage\tetcd\t\n2\timage\tx:1\t\n',
    )
    expect(readFileSync(join(directory, 'lock'), 'utf8')).toMatch(/^\d+ say it\\n\\x1b\[2J\n\d+ exit 0\n$/)
  })

  test('of a run that said nothing of it is busy all the same; the next run takes no note of it along', async () => {
    await changing('')
    expect(parseAtWork(ask(atWorkScript, '0').stdout)).toMatchObject({ busy: true, doing: undefined })
    await end()
    expect(readFileSync(join(directory, 'lock'), 'utf8')).not.toBe('')
    expect(ask(takeOverScript, 'e2', '1', 'up by bob').status).toBe(0)
    expect(readFileSync(join(directory, 'lock'), 'utf8')).toBe('')
  })
})

test('words of a host about it move no cursor', () => {
  expect(underWay('doing -3 a\x1b[1mb\nend\n')).toBe('a\\x1b[1mb')
  expect(underWay('busy\nend\n')).toBeUndefined()
})
