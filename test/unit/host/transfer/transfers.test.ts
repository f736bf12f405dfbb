import { describe, expect, it } from 'vitest'
import type { Exited } from '../../../../src/host/connection.js'
import type { Mutation } from '../../../../src/host/host.js'
import { pullScript } from '../../../../src/host/transfer/pull-script.js'
import { endServingScript, serveScript } from '../../../../src/host/transfer/serve-script.js'
import { type Member, Transfers } from '../../../../src/host/transfer/transfers.js'
import { UserError } from '../../../../src/lib/errors.js'
import { Secret } from '../../../../src/lib/secret.js'

const sha256 = 'd'.repeat(64)
const hostKey = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 7)])
const names = Array.from({ length: 12 }, (_, i) => `w${i}`)

interface Said {
  host: string
  what: 'serve' | 'pull' | 'end' | 'send'
  command?: Mutation
}

function fleet({
  answer = () => 'done',
  serve = () => {},
  count = names.length,
  bytes = 10_000_000,
}: {
  answer?: (host: string, source: string) => string
  serve?: (host: string) => void
  count?: number
  bytes?: number
} = {}) {
  const addresses = new Map(names.map((name, i) => [name, { address: `10.0.0.${i}`, port: 22, user: 'ops' }]))
  const transfers = new Transfers(addresses)
  const said: Said[] = []
  const told: string[] = []
  const at = new Map([...addresses].map(([name, { address }]) => [address, name]))
  const member = (name: string): Member => ({
    name,
    hostKey: () => hostKey,
    mutate: async (command): Promise<Exited> => {
      const what = { [serveScript]: 'serve', [pullScript]: 'pull', [endServingScript]: 'end' }[command.script]
      said.push({ host: name, what: what as Said['what'], command })
      await new Promise((resolve) => setTimeout(resolve, 1))
      if (what === 'serve') serve(name)
      const text = what === 'pull' ? answer(name, at.get(command.args?.[6] ?? '') ?? '') : ''
      return { kind: 'exited', code: 0, stdout: Buffer.from(`1000\n${text}\n`), stderr: '' }
    },
  })
  transfers.begin([{ sha256, bytes, hosts: names.slice(0, count) }], (text, level) =>
    told.push(`${level}: ${text}`),
  )
  const deliver = (name: string) =>
    transfers.deliver(
      member(name),
      { sha256, path: '/usr/bin/kubelet', mode: '0755', most: 1e9 },
      async () => {
        said.push({ host: name, what: 'send' })
        await new Promise((resolve) => setTimeout(resolve, 1))
      },
    )
  const of = (what: Said['what']) => said.filter((one) => one.what === what)
  return { transfers, deliver, of, told }
}

describe('a file of a run', () => {
  it('goes from host to host when it is large and ten hosts want it, else from here alone', () => {
    expect(fleet({ count: 10 }).transfers.has('w1', sha256)).toBe(true)
    expect(fleet({ count: 9 }).transfers.has('w1', sha256)).toBe(false)
    expect(fleet({ bytes: 5 * 1024 * 1024 - 1 }).transfers.has('w1', sha256)).toBe(false)
    expect(fleet().transfers.has('other', sha256)).toBe(false)
  })

  it('is sent to two, and every host that let others in ends that', async () => {
    const { deliver, of, told } = fleet()
    await Promise.all(names.map(deliver))
    expect([of('send').length, of('pull').length, told]).toEqual([2, 10, []])
    const served = of('serve').map(({ host }) => host)
    expect(new Set(served).size).toBe(served.length)
    expect(
      of('end')
        .map(({ host }) => host)
        .sort(),
    ).toEqual(served.sort())
  })

  it('gives receivers the key on standard input, the source by its verified host key, and nothing secret as an argument', async () => {
    const { deliver, of } = fleet()
    await Promise.all(names.map(deliver))
    const [{ command } = {}] = of('pull')
    const input = command?.stdin instanceof Secret ? command.stdin.reveal() : ''
    expect(input).toMatch(
      /^-----BEGIN OPENSSH PRIVATE KEY-----\n[\s\S]*-----END OPENSSH PRIVATE KEY-----\n\nsource ssh-ed25519 \S+\n$/,
    )
    expect(command?.args?.join(' ')).not.toContain('PRIVATE')
    const [{ command: serving } = {}] = of('serve')
    expect(serving?.args?.slice(1, 4)).toEqual([sha256, '/usr/bin/kubelet', 'ops'])
    expect(serving?.args?.slice(5).join()).toMatch(/^(10\.0\.0\.\d+,)+10\.0\.0\.\d+$/)
  })

  it('is sent from here where hosts cannot let others in; that is told once', async () => {
    const { deliver, of, told } = fleet({
      serve: () => {
        throw new UserError('step', 'failed', { why: 'authorized_keys is not there' })
      },
    })
    await Promise.all(names.map(deliver))
    expect(of('send')).toHaveLength(12)
    expect(told).toHaveLength(1)
    expect(told[0]).toMatch(/^info: .*authorized_keys is not there/)
  })

  it('of a host that gives another one is a warning with its name', async () => {
    const { deliver, told } = fleet({
      answer: (_, source) => (source === 'w0' ? 'failed lied what came has digest x, not y' : 'done'),
    })
    await Promise.all(names.map(deliver))
    expect(told.length).toBeGreaterThan(0)
    for (const text of told) expect(text).toMatch(/^warning: w\d+ says that w0 gave it another file/)
  })

  it('a host that answers a fetch with anything else has not got it', async () => {
    const { deliver, of } = fleet({ answer: () => 'gibberish' })
    await Promise.all(names.map(deliver))
    expect(of('send')).toHaveLength(12)
  })

  it('that one host wants in two places comes to both', async () => {
    const { deliver, of } = fleet()
    await Promise.all([...names, ...names].map(deliver))
    expect([of('send').length, of('pull').length]).toEqual([2, 22])
  })

  it('nothing more begins once the run is told to stop', async () => {
    const { transfers, deliver, of } = fleet()
    const all = names.map((name) => deliver(name).catch((error: unknown) => error))
    transfers.stop('interrupted')
    expect(await Promise.all(all)).toEqual(names.map(() => 'interrupted'))
    expect(of('send')).toEqual([])
  })

  it('that could not be sent to one host comes to all others', async () => {
    const { transfers, deliver, of } = fleet()
    const failing = transfers.deliver(
      { name: 'w0', hostKey: () => hostKey, mutate: () => Promise.reject(new Error('none')) },
      { sha256, path: '/x', mode: '0755', most: 1 },
      () => Promise.reject(new UserError('step', 'the connection was lost')),
    )
    await expect(failing).rejects.toThrow('the connection was lost')
    await Promise.all(names.slice(1).map(deliver))
    expect([of('send').length, of('pull').length]).toEqual([2, 9])
  })
})
