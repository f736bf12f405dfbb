import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Readable } from 'node:stream'
import fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Command, Connection, Exited, Outcome } from '../../src/host/connection.js'
import { UserError } from '../../src/lib/errors.js'
import { Secret } from '../../src/lib/secret.js'
import { deferred } from '../support/host-deferred.js'
import { type Machine, machineKinds } from '../support/host-machines.js'
import { isGone } from '../support/process-gone.js'
import { freePort } from '../support/sshd.js'

const timeoutMs = 20_000

describe.each(machineKinds)('a connection: $name', ({ missing, start }) => {
  let machine: Machine
  let connection: Connection
  beforeAll(async () => {
    if (missing()) return
    machine = await start()
    connection = machine.connect()
  })
  afterAll(async () => {
    await connection?.close()
    await machine?.stop()
  })
  beforeEach((ctx) => {
    const reason = missing()
    if (reason) ctx.skip(reason)
  })

  const run = (script: string, more: Partial<Command> = {}): Promise<Outcome> =>
    connection.run({ script, timeoutMs, ...more })
  const exited = async (script: string, more: Partial<Command> = {}): Promise<Exited> => {
    const outcome = await run(script, more)
    if (outcome.kind !== 'exited') throw new Error(`not exited: ${JSON.stringify(outcome)}`)
    return outcome
  }

  describe('streams', () => {
    const everyByte = Buffer.from([...Array(256).keys()])

    it('carry every byte there and back', async () => {
      expect((await exited('cat', { stdin: everyByte })).stdout).toEqual(everyByte)
    })

    it.each([
      ['a string', (text: string) => text],
      ['a secret', (text: string) => new Secret(text)],
      [
        'a stream',
        (text: string) => Readable.from([text.slice(0, 3), text.slice(3)].map((t) => Buffer.from(t))),
      ],
    ])('take stdin from %s', async (_, make) => {
      expect((await exited('cat', { stdin: make('grüße\nohne Ende') })).stdout.toString()).toBe(
        'grüße\nohne Ende',
      )
    })

    it('give a script without stdin an empty one', async () => {
      expect((await exited('cat; echo end')).stdout.toString()).toBe('end\n')
    })

    it('carry 5 MB there and back', async () => {
      const bytes = randomBytes(5_000_000)
      const { stdout } = await exited('cat', { stdin: bytes })
      expect(createHash('sha256').update(stdout).digest('hex')).toBe(
        createHash('sha256').update(bytes).digest('hex'),
      )
    })

    it('keep stdout and stderr apart and as they are, unfinished last lines too', async () => {
      const { stdout, stderr } = await exited('printf out; printf err >&2')
      expect([stdout.toString(), stderr]).toEqual(['out', 'err'])
    })

    it('keep the line feed that ends stderr', async () => {
      expect((await exited('echo err >&2')).stderr).toBe('err\n')
    })

    it('tell output while it comes', async () => {
      const seen = { stdout: '', stderr: '' }
      await exited('echo one; echo two >&2', {
        onOutput: (chunk, stream) => {
          seen[stream] += chunk
        },
      })
      expect(seen).toEqual({ stdout: 'one\n', stderr: 'two\n' })
    })

    it('are never cut short in silence: more than may be kept is no answer', async () => {
      const outcome = await run('head -c 100000 /dev/zero', { maxOutput: 50_000 })
      expect(outcome).toMatchObject({
        kind: 'lost',
        reason: expect.stringContaining('output of the command is too large'),
      })
    })

    it('let a script end that does not read its stdin', async () => {
      expect((await exited('exit 4', { stdin: Buffer.alloc(3_000_000) })).code).toBe(4)
    })

    it('let a script end that does not read a stream', async () => {
      const stdin = Readable.from(Array.from({ length: 100 }, () => Buffer.alloc(65_536)))
      expect((await exited('exit 4', { stdin })).code).toBe(4)
    })
  })

  describe('ends', () => {
    it.each([0, 1, 3, 75, 124, 125, 127, 128])('a script’s own exit %i is exited', async (code) => {
      expect(await exited(`exit ${code}`)).toMatchObject({ code })
    })

    it.each(['TERM', 'KILL', 'HUP'])('death by SIG%s is killed', async (signal) => {
      expect(await run(`echo before; kill -${signal} $$; echo after`)).toMatchObject({
        kind: 'killed',
        signal,
        stdout: Buffer.from('before\n'),
      })
    })

    it('death of a child is the script’s to judge', async () => {
      expect((await exited(`sh -c 'kill -9 $$'; exit 3`)).code).toBe(3)
    })

    it('a syntax error is an exit code with words', async () => {
      const { code, stderr } = await exited('if then')
      expect(code).not.toBe(0)
      expect(stderr).toContain('yntax error')
    })

    it('a deadline is killed, says what was said, and leaves no child behind', async () => {
      const script = `sleep 300 & echo $!; sh -c 'sleep 300 & echo $!; wait' & echo $!; echo words >&2; wait`
      const outcome = await run(script, { timeoutMs: 1_000 })
      expect(outcome).toMatchObject({ kind: 'killed', signal: 'TIMEOUT', stderr: 'words\n' })
      const pids = outcome.kind === 'killed' ? outcome.stdout.toString().trim().split('\n').map(Number) : []
      expect(pids).toHaveLength(3)
      await expect.poll(() => pids.every(isGone), { timeout: 5_000 }).toBe(true)
    })

    it('a deadline ends also what ignores SIGTERM', async () => {
      const outcome = await run(`trap '' TERM; echo $$; while :; do sleep 1; done`, { timeoutMs: 500 })
      expect(outcome).toMatchObject({ kind: 'killed', signal: 'TIMEOUT' })
      const pid = outcome.kind === 'killed' ? Number(outcome.stdout) : 0
      await expect.poll(() => isGone(pid), { timeout: 5_000 }).toBe(true)
    })
  })

  describe('arguments', () => {
    it('arrive as they are, whatever they hold', async () => {
      const word = fc.string({ unit: 'binary' }).filter((text) => !text.includes('\0'))
      await fc.assert(
        fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 8 }), async (args) => {
          const { stdout } = await exited(`printf '%s\\0' "$@"`, { args })
          expect(stdout.toString().split('\0').slice(0, -1)).toEqual(args)
        }),
        { numRuns: 40 },
      )
    })

    it.each([
      ["it's", '$(id)', '`id`', '"', '\\', '!', '*', '~', '', ' ', '\n', '-n', '--', 'KUBESTRAP_END', '\r'],
    ])('arrive as they are: a list of the worst', async (...args) => {
      const { stdout } = await exited(`printf '%s\\0' "$@"`, { args })
      expect(stdout.toString().split('\0').slice(0, -1)).toEqual(args)
    })

    it('may be many', async () => {
      const args = Array.from({ length: 2_000 }, (_, i) => `argument ${i}`)
      expect((await exited('echo $#', { args })).stdout.toString()).toBe('2000\n')
    })

    it('leave scripts alone that hold quotes, here-documents and no last line feed', async () => {
      const script = `cat <<'END'\n'a' "b" $c \\d\nEND\nprintf %s "\${1#x}"`
      expect((await exited(script, { args: ['xy'] })).stdout.toString()).toBe(`'a' "b" $c \\d\ny`)
    })
  })

  it('speaks the one language we read, and finds what lies in root’s directories', async () => {
    const { stdout } = await exited('echo "$LC_ALL"; case $PATH in *:/usr/sbin:*) echo sbin ;; esac')
    expect(stdout.toString()).toBe('C\nsbin\n')
  })

  it('runs 40 commands at once, each with its own answer', async () => {
    const numbers = [...Array(40).keys()]
    const answers = await Promise.all(
      numbers.map((i) => exited('sleep 0.05; cat; echo "$1"', { args: [String(i)], stdin: `in ${i} ` })),
    )
    expect(answers.map(({ stdout }) => stdout.toString())).toEqual(numbers.map((i) => `in ${i} ${i}\n`))
  })

  describe('openTcp', () => {
    it('carries data both ways, the server speaking first, until either ends', async () => {
      const server = createServer((socket) => {
        socket.write('hello\n')
        socket.pipe(socket)
      })
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const address = server.address()
      if (address === null || typeof address === 'string') throw new Error('no port')
      const stream = await connection.openTcp('127.0.0.1', address.port)
      const sent = randomBytes(300_000)
      stream.end(sent)
      const got: Buffer[] = []
      for await (const chunk of stream) got.push(chunk)
      expect(Buffer.concat(got).equals(Buffer.concat([Buffer.from('hello\n'), sent]))).toBe(true)
      server.close()
    })

    it('says so when nobody listens', async () => {
      const attempt = connection.openTcp('127.0.0.1', await freePort())
      await expect(attempt).rejects.toThrow(UserError)
      await expect(attempt).rejects.toMatchObject({
        kind: 'connection',
        message: expect.stringContaining('cannot reach'),
      })
    })
  })

  describe('a lost transport', () => {
    /** Starts a script on a connection of its own and breaks the transport at its first word. */
    async function broken(script: string): Promise<{ outcome: Outcome; again: Outcome }> {
      const { drop } = machine
      if (!drop) throw new Error('nothing to break')
      const own = machine.connect()
      const said = deferred()
      const outcome = own.run({ script, timeoutMs, onOutput: () => said.resolve() })
      await said.promise
      await drop()
      const ended = await outcome
      const again = await own.run({ script: 'echo back', timeoutMs })
      await own.close()
      return { outcome: ended, again }
    }

    it('in the middle of a command is lost, never an exit code, and the next command dials again', async (ctx) => {
      if (!machine.drop) ctx.skip('a local connection has no transport that could break')
      const { outcome, again } = await broken('echo ready; sleep 2; exit 0')
      expect(outcome).toMatchObject({ kind: 'lost' })
      expect(again).toMatchObject({ kind: 'exited', code: 0, stdout: Buffer.from('back\n') })
    })

    it('loses every command under way', async (ctx) => {
      const { drop } = machine
      if (!drop) return ctx.skip('a local connection has no transport that could break')
      const own = machine.connect()
      let ready = 0
      const all = deferred()
      const outcomes = [1, 2, 3, 4].map(() =>
        own.run({
          script: 'echo ready; sleep 2',
          timeoutMs,
          onOutput: () => {
            ready += 1
            if (ready === 4) all.resolve()
          },
        }),
      )
      await all.promise
      await drop()
      expect((await Promise.all(outcomes)).map(({ kind }) => kind)).toEqual(Array(4).fill('lost'))
      await own.close()
    })

    it('is also when the shell in between dies', async () => {
      // climbs from the script to the shell that the transport started, and kills that
      const script = `
p=$$
while read -r _ _ _ pp _ </proc/$p/stat; do
  case $(cat "/proc/$pp/comm") in sh|timeout) p=$pp;; *) break;; esac
done
echo words; kill -9 "$p"; sleep 1; exit 0`
      expect(await run(script)).toMatchObject({ kind: 'lost' })
    })
  })
})
