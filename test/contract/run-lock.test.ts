import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Host } from '../../src/host/host.js'
import { createHost } from '../../src/host/remote-host.js'
import { type Holding, type HoldRequest, holdScript, runLock } from '../../src/host/run-lock.js'
import { commandLine, header } from '../../src/host/wire.js'
import { type Machine, machineKinds } from '../support/host-machines.js'
import { keepHostDirectories } from '../support/host-run-directory.js'

let putBack: () => void
beforeAll(async () => {
  putBack = await keepHostDirectories()
}, 300_000)
afterAll(() => putBack())

const ann = { epoch: 'e1', words: 'up by ann@laptop, process 7, since 10:00' }
const bob = { epoch: 'e2', words: 'up by bob@desk, process 8, since 10:01' }
const times = { take: false, silentMs: 30_000, beatMs: 300, waitMs: 100 }

describe.sequential.each(machineKinds)('the lock of a host: $name', ({ missing, start }) => {
  let machine: Machine
  const hosts: Host[] = []
  beforeAll(async () => {
    if (!missing()) machine = await start()
  })
  afterAll(() => machine?.stop())
  beforeEach((ctx) => {
    const reason = missing()
    if (reason) ctx.skip(reason)
    fs.rmSync('/run/kubestrap', { recursive: true, force: true })
  })
  afterEach(() => Promise.all(hosts.splice(0).map((host) => host.close())))

  const another = (): Host => {
    const host = createHost('cp1', machine.connect())
    hosts.push(host)
    return host
  }
  const held = async (host: Host, request: HoldRequest): Promise<Holding> => {
    const answer = await host.hold(request)
    if (answer.kind === 'other') throw new Error(`held by ${answer.owner.words}`)
    return answer
  }

  it('is one run’s; another is told whose, and whoever looks too, until it is let go', async () => {
    const one = await held(another(), { ...ann, ...times })
    expect(one.left).toBeUndefined()
    const next = another()
    expect(await next.hold({ ...bob, ...times })).toEqual({ kind: 'other', owner: ann })
    expect(await next.atWork()).toMatchObject({ run: { ...ann, held: true } })
    await one.letGo()
    expect(await one.ended).toBe(true)
    expect((await next.atWork()).run).toBeUndefined()
    expect((await held(next, { ...bob, ...times })).left).toBeUndefined()
  })

  it('is let go with the connection, and waited for by one that comes at that moment', async () => {
    const first = another()
    await held(first, { ...ann, ...times })
    const next = another().hold({ ...bob, ...times, waitMs: 5_000 })
    await first.close()
    expect(await next).toMatchObject({ kind: 'held', left: undefined })
    expect(fs.readFileSync(runLock, 'utf8')).toMatch(/^\d+ e2 up by bob/)
  })

  it('is kept while its run is heard of, and lost by one that falls silent: the next is told of it', async () => {
    const one = await held(another(), { ...ann, ...times, silentMs: 1_000 })
    const next = another()
    await new Promise((resolve) => setTimeout(resolve, 1_500))
    expect(await next.hold({ ...bob, ...times })).toMatchObject({ kind: 'other' })
    expect(performance.now() - one.heardAt()).toBeLessThan(1_000)
    await one.letGo()
    const silent = await held(another(), { ...ann, ...times, silentMs: 500, beatMs: 60_000 })
    expect(await silent.ended).toBe(false)
    expect(await next.atWork()).toMatchObject({ run: { ...ann, held: false } })
    expect((await held(next, { ...bob, ...times })).left).toEqual(ann)
  })

  it('is free when the line of its run breaks, which has it again when nobody took it meanwhile', async (ctx) => {
    if (!machine.drop) return ctx.skip('a local connection has no line')
    const host = another()
    const one = await held(host, { ...ann, ...times })
    await machine.drop()
    expect(await one.ended).toBe(false)
    // also where the host does not know yet
    const again = await held(host, { ...ann, ...times })
    expect(again.left).toBeUndefined()
    expect(await another().hold({ ...bob, ...times })).toEqual({ kind: 'other', owner: ann })
  })

  it('is taken over by whoever says so: the former holder ends, and cannot have it back', async () => {
    const host = another()
    const one = await held(host, { ...ann, ...times })
    const two = await held(another(), { ...bob, ...times, take: true })
    expect(two.left).toEqual(ann)
    expect(await one.ended).toBe(false)
    expect(await host.hold({ ...ann, ...times })).toEqual({ kind: 'other', owner: bob })
    // of what it did nothing is known: the next one is told as this one was
    await two.letGo()
    expect(await host.atWork()).toMatchObject({ run: { ...ann, held: false } })
  })

  it('names nobody any more when what was left is settled', async () => {
    fs.mkdirSync('/run/kubestrap')
    fs.writeFileSync(runLock, '1 e1 up by ann\x1b[2J\n')
    const host = another()
    expect(await host.atWork()).toMatchObject({ run: { words: 'up by ann\\x1b[2J', held: false } })
    const one = await held(host, { ...bob, ...times })
    one.settle()
    await one.letGo()
    // it was alone in its directory
    expect(fs.existsSync('/run/kubestrap')).toBe(false)
  })

  it('ends no process but its holder, whatever number stands in it', async () => {
    const bystander = spawn('sleep', ['60'])
    try {
      await another().hold({ ...ann, ...times })
      fs.writeFileSync(runLock, `${bystander.pid} e1 up by ann\n`)
      expect(await another().hold({ ...bob, ...times, take: true })).toMatchObject({ kind: 'other' })
      expect(bystander.exitCode ?? bystander.signalCode).toBeNull()
    } finally {
      bystander.kill()
    }
  })
})

describe('the lock of a host whose operator’s process is killed', () => {
  let operator: ChildProcess | undefined
  afterEach(() => operator?.kill('SIGKILL'))

  it('is free at once', async () => {
    fs.rmSync('/run/kubestrap', { recursive: true, force: true })
    const args = [ann.epoch, ann.words, '30', '1', '']
    const input = header({ script: holdScript, args, timeoutMs: 60_000 }, 'none')
    // its own session, as sshd starts it; the operator holds the other end of its input
    const source = `
      const child = require('child_process').spawn('setsid', ['/bin/sh', '-c', process.argv[1]], { stdio: ['pipe', 'inherit', 'inherit'] })
      child.stdin.write(process.argv[2])
      setInterval(() => child.stdin.write('.'), 200)`
    operator = spawn(process.execPath, ['-e', source, commandLine('none'), input], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    let said = ''
    operator.stdout?.on('data', (chunk) => (said += chunk))
    await expect.poll(() => said, { timeout: 10_000 }).toContain('held')
    const host = createHost('cp1', (await machineKinds[0]?.start())?.connect() as never)
    expect(await host.hold({ ...bob, ...times })).toEqual({ kind: 'other', owner: ann })
    operator.kill('SIGKILL')
    await once(operator, 'exit')
    expect(await host.hold({ ...bob, ...times, waitMs: 2_000 })).toMatchObject({ kind: 'held', left: ann })
    await host.close()
    expect(execFileSync('find', ['/run/kubestrap', '-type', 'f'], { encoding: 'utf8' })).toBe(`${runLock}\n`)
  })
})
