import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import * as fs from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Connection } from '../../src/host/connection.js'
import type { FileState, Host } from '../../src/host/host.js'
import { createHost } from '../../src/host/remote-host.js'
import { Secret } from '../../src/lib/secret.js'
import { deferred } from '../support/host-deferred.js'
import { type Machine, machineKinds } from '../support/host-machines.js'
import { keepHostDirectories } from '../support/host-run-directory.js'

const sha256 = (bytes: string | Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

let putBack: () => void
beforeAll(async () => {
  putBack = await keepHostDirectories()
}, 300_000)
afterAll(() => putBack())

// hosts that are this machine share /run/kubestrap: these run one after the other
describe.sequential.each(machineKinds)('a host: $name', ({ missing, start }) => {
  let machine: Machine
  let connection: Connection
  let host: Host
  let directory = ''
  const at = (name: string): string => join(directory, name)
  beforeAll(async () => {
    if (missing()) return
    machine = await start()
    connection = machine.connect()
  })
  afterAll(async () => {
    await connection?.close()
    await machine?.stop()
  })
  beforeEach(async (ctx) => {
    const reason = missing()
    if (reason) ctx.skip(reason)
    directory = fs.mkdtempSync(join(tmpdir(), 'ks-host-'))
    fs.rmSync('/run/kubestrap', { recursive: true, force: true })
    host = createHost('cp1', connection)
    await host.takeOver('epoch-1')
  })
  afterEach(() => fs.rmSync(directory, { recursive: true, force: true }))
  const leftovers = (): string[] => fs.readdirSync(directory).filter((name) => name.includes('.kubestrap-'))

  describe('read', () => {
    it('gives binary and empty answers, exit codes and stderr, in one round trip', async () => {
      const before = host.roundTrips
      const answers = await Promise.all([
        host.read({ script: `printf '\\000\\377KS 0 0 0 0\\n'` }),
        host.read({ script: ':' }),
        host.read({ script: 'echo no >&2; exit 7' }),
        host.read({ script: 'printf %s "$2"', args: ['a', `it's\n$b`] }),
      ])
      expect(answers.map(({ code, stdout, stderr }) => [code, stdout.toString('latin1'), stderr])).toEqual([
        [0, '\x00\xffKS 0 0 0 0\n', ''],
        [0, '', ''],
        [7, '', 'no\n'],
        [0, `it's\n$b`, ''],
      ])
      expect(host.roundTrips - before).toBe(1)
    })

    it('is not stalled or spoilt by one that hangs, which alone fails', async () => {
      const hung = host.read({ script: 'sleep 300', timeoutMs: 500 })
      const fine = Promise.all([1, 2, 3].map((i) => host.read({ script: `echo ${i}` })))
      await expect(hung).rejects.toMatchObject({ kind: 'connection', host: 'cp1', why: 'asked: sleep 300' })
      expect((await fine).map(({ stdout }) => stdout.toString())).toEqual(['1\n', '2\n', '3\n'])
    })

    it('never takes death by signal for an answer', async () => {
      await expect(host.read({ script: 'kill -TERM $$' })).rejects.toMatchObject({ kind: 'connection' })
    })

    it('takes 100 questions at once', async () => {
      const answers = await Promise.all([...Array(100).keys()].map((i) => host.read({ script: `echo ${i}` })))
      expect(answers.map(({ stdout }) => Number(stdout))).toEqual([...Array(100).keys()])
    })

    it('leaves nothing in /tmp', async () => {
      await host.read({ script: ':' })
      // other files of tests have commands of their own under way on this machine: each of theirs goes, too
      const there = fs.readdirSync('/tmp').filter((name) => name.startsWith('.kubestrap.'))
      await expect
        .poll(() => there.filter((name) => fs.existsSync(`/tmp/${name}`)), { timeout: 20_000 })
        .toEqual([])
    })
  })

  describe('stat', () => {
    const names = [
      'plain',
      'two words',
      `it's "quoted"`,
      'line\nfeed',
      '-n',
      'back\\slash',
      '$(id)',
      'ümlaut',
      '@content',
      '*',
    ]

    it('finds files of any name, with content, in the order asked', async () => {
      for (const name of names) fs.writeFileSync(at(name), `content of ${name}`, { mode: 0o640 })
      const states = await Promise.all(names.map((name) => host.stat(at(name), { content: true })))
      expect(states).toEqual(
        names.map((name): FileState => {
          const content = Buffer.from(`content of ${name}`)
          return {
            kind: 'file',
            mode: '0640',
            owner: 'root:root',
            size: content.length,
            sha256: sha256(content),
            content,
          }
        }),
      )
    })

    it('says absent of any name, of what lies below a file, and of what lies below nothing', async () => {
      fs.writeFileSync(at('file'), '')
      const paths = [...names, 'file/below', 'none/below'].map(at)
      expect(await Promise.all(paths.map((path) => host.stat(path)))).toEqual(
        paths.map(() => ({ kind: 'absent' })),
      )
    })

    it('tells directories, links and others apart, all in one round trip', async () => {
      fs.mkdirSync(at('directory'), { mode: 0o750 })
      fs.chmodSync(at('directory'), 0o1770)
      fs.symlinkSync('nowhere at all', at('link'))
      execFileSync('mkfifo', [at('fifo')])
      fs.writeFileSync(at('empty'), '')
      const before = host.roundTrips
      const paths = ['directory', 'link', 'fifo', 'none', 'empty'].map(at)
      expect(await Promise.all(paths.map((path) => host.stat(path, { content: true })))).toEqual([
        { kind: 'directory', mode: '1770', owner: 'root:root' },
        { kind: 'symlink', target: 'nowhere at all' },
        { kind: 'other' },
        { kind: 'absent' },
        {
          kind: 'file',
          mode: '0644',
          owner: 'root:root',
          size: 0,
          sha256: sha256(''),
          content: Buffer.alloc(0),
        },
      ])
      expect(host.roundTrips - before).toBe(1)
    })

    it.each(['@scope', '@stat', 'line\nfeed', '@content\n', ' '])(
      'reads a link to %j, and the one after it',
      async (target) => {
        fs.symlinkSync(target, at('odd'))
        fs.symlinkSync('next', at('even'))
        expect(await Promise.all([host.stat(at('odd')), host.stat(at('even'))])).toEqual([
          { kind: 'symlink', target },
          { kind: 'symlink', target: 'next' },
        ])
      },
    )

    it('gives content only where it was asked for, binary as it is', async () => {
      fs.writeFileSync(at('a'), 'first')
      fs.writeFileSync(at('b'), Buffer.from([0, 10, 255, 64]))
      const [a, b] = await Promise.all([host.stat(at('a')), host.stat(at('b'), { content: true })])
      expect(a).not.toHaveProperty('content')
      expect(b).toMatchObject({ content: Buffer.from([0, 10, 255, 64]) })
    })

    it('hashes large files, without their content, and small ones beside them', async () => {
      const large = Buffer.alloc(8 * 1024 * 1024 + 1, 7)
      fs.writeFileSync(at('large'), large)
      fs.writeFileSync(at('limit'), large.subarray(1))
      fs.writeFileSync(at('small'), 'small')
      const names = ['large', 'small', 'limit']
      const states = await Promise.all(names.map((name) => host.stat(at(name), { content: true })))
      expect(
        states.map((state) => state.kind === 'file' && [state.sha256, state.content?.toString()]),
      ).toEqual([
        [sha256(large), undefined],
        [sha256('small'), 'small'],
        [sha256(large.subarray(1)), undefined],
      ])
    })
  })

  describe('write', () => {
    it('makes the file with content, mode and owner, and nothing else', async () => {
      await host.write({
        path: at('x'),
        content: Buffer.from([0, 255, 10]),
        mode: '0640',
        owner: 'daemon:root',
      })
      expect(await host.stat(at('x'), { content: true })).toMatchObject({
        mode: '0640',
        owner: 'daemon:root',
        content: Buffer.from([0, 255, 10]),
      })
      expect(fs.readdirSync(directory)).toEqual(['x'])
    })

    it('takes files of any name, empty ones and secrets, in one round trip', async () => {
      const before = host.roundTrips
      const contents: readonly [string, string | Secret][] = [
        [`it's "a"\nname`, 'one'],
        ['-n', ''],
        ['$(id)', new Secret('a secret text')],
      ]
      await Promise.all(
        contents.map(([name, content]) => host.write({ path: at(name), content, mode: '0600' })),
      )
      expect(contents.map(([name]) => fs.readFileSync(at(name), 'utf8'))).toEqual([
        'one',
        '',
        'a secret text',
      ])
      expect(host.roundTrips - before).toBe(1)
    })

    it('replaces by renaming: who has the old file open keeps it whole', async () => {
      fs.writeFileSync(at('x'), 'old content')
      const open = fs.openSync(at('x'), 'r')
      await host.write({ path: at('x'), content: 'new', mode: '0644' })
      expect(fs.readFileSync(open, 'utf8')).toBe('old content')
      expect(fs.readFileSync(at('x'), 'utf8')).toBe('new')
      fs.closeSync(open)
    })

    it('replaces a link itself, not what it points at', async () => {
      fs.writeFileSync(at('target'), 'target')
      fs.symlinkSync(at('target'), at('link'))
      await host.write({ path: at('link'), content: 'new', mode: '0644' })
      expect(fs.readFileSync(at('target'), 'utf8')).toBe('target')
      expect(fs.lstatSync(at('link')).isFile()).toBe(true)
    })

    it('makes parent directories, the last with the mode asked for', async () => {
      await host.write({ path: at('a/b/x'), content: '', mode: '0600', directoryMode: '0700' })
      expect((await host.stat(at('a'))).kind).toBe('directory')
      expect(await host.stat(at('a/b'))).toMatchObject({ mode: '0700' })
    })

    it('leaves its marks, and they are there no later than the file', async () => {
      await host.write({
        path: at('x'),
        content: '',
        mode: '0600',
        marks: ['kubelet.service', 'docker.service'],
      })
      expect(fs.readdirSync('/run/kubestrap/restart').sort()).toEqual(['docker.service', 'kubelet.service'])
    })

    it('rejects alone what cannot be written, with the reason, and leaves nothing half written', async () => {
      fs.mkdirSync(at('directory'))
      fs.writeFileSync(at('file'), '')
      const write = (name: string, over: object = {}) =>
        host.write({ path: at(name), content: 'x', mode: '0644', ...over })
      const results = await Promise.allSettled([
        write('first'),
        write('directory'),
        write('file/below'),
        write('owner', { owner: 'nobody-of-this-name:root' }),
        write('last'),
      ])
      expect(results.map(({ status }) => status)).toEqual([
        'fulfilled',
        'rejected',
        'rejected',
        'rejected',
        'fulfilled',
      ])
      expect(results[1]).toMatchObject({
        reason: { kind: 'step', host: 'cp1', why: expect.stringContaining('directory') },
      })
      expect(results[3]).toMatchObject({ reason: { why: expect.stringContaining('nobody-of-this-name') } })
      expect(fs.readdirSync(directory).sort()).toEqual(['directory', 'file', 'first', 'last'])
    })

    it('removes what a predecessor that was cut left behind, of this file only', async () => {
      fs.writeFileSync(at('.x.kubestrap-123'), 'half')
      fs.writeFileSync(at('.y.kubestrap-123'), 'another’s')
      await host.write({ path: at('x'), content: 'x', mode: '0644' })
      expect(fs.readdirSync(directory).sort()).toEqual(['.y.kubestrap-123', 'x'])
    })
  })

  describe('upload', () => {
    const bytes = Buffer.alloc(3_000_000, 'abc')

    it('streams a file, tells how far it is, and sets the mode', async () => {
      fs.writeFileSync(at('source'), bytes)
      const told: number[] = []
      const options = { sha256: sha256(bytes), mode: '0755', onBytes: (n: number) => told.push(n) }
      await host.upload(at('source'), at('deep/er/target'), options)
      expect(await host.stat(at('deep/er/target'))).toMatchObject({ sha256: sha256(bytes), mode: '0755' })
      expect(told.at(-1)).toBe(bytes.length)
      expect(told).toEqual([...told].sort((a, b) => a - b))
    })

    it('unpacks on the way; the digest is the unpacked file’s', async () => {
      const source = Readable.from([gzipSync(bytes)])
      await host.upload(source, at('x'), { sha256: sha256(bytes), mode: '0600', gunzip: true })
      expect(sha256(fs.readFileSync(at('x')))).toBe(sha256(bytes))
    })

    it.each([
      ['another digest', () => Readable.from([Buffer.from('other')]), false, 'has digest'],
      ['nothing', () => Readable.from([]), false, 'has digest'],
      ['what is not gzip', () => Readable.from([Buffer.from('plain text')]), true, 'gzip'],
    ])('refuses %s, and leaves the old file and nothing new', async (_, source, gunzip, words) => {
      fs.writeFileSync(at('x'), 'old')
      const upload = host.upload(source(), at('x'), { sha256: sha256('wanted'), mode: '0600', gunzip })
      await expect(upload).rejects.toMatchObject({ kind: 'step', why: expect.stringContaining(words) })
      expect(fs.readFileSync(at('x'), 'utf8')).toBe('old')
      expect(leftovers()).toEqual([])
    })

    it('of a file that is not there fails before the host is asked anything', async () => {
      const before = host.roundTrips
      const upload = host.upload(at('none'), at('made/x'), { sha256: sha256(''), mode: '0600' })
      await expect(upload).rejects.toMatchObject({ kind: 'step', message: `cannot read ${at('none')}` })
      expect(host.roundTrips).toBe(before)
    })

    it.each([undefined, () => {}])(
      'of a stream that breaks fails here and leaves no command waiting on the host',
      async (onBytes) => {
        async function* breaking() {
          yield Buffer.from('some')
          await expect.poll(() => fs.existsSync(at('made')), { timeout: 5_000 }).toBe(true)
          throw new Error('the disk is gone')
        }
        const options = { sha256: sha256(''), mode: '0600', ...(onBytes ? { onBytes } : {}) }
        await expect(host.upload(Readable.from(breaking()), at('made/x'), options)).rejects.toThrow(
          'the disk is gone',
        )
        await expect.poll(() => fs.existsSync(at('made')), { timeout: 5_000 }).toBe(true)
        const lock = '/run/kubestrap/lock'
        const free = (): boolean => {
          try {
            execFileSync('flock', ['-n', '-x', lock, 'true'])
            return true
          } catch {
            return false
          }
        }
        await expect.poll(free, { timeout: 5_000 }).toBe(true)
      },
    )

    it('lets a large file’s digest be known without reading it again, until it changes', async () => {
      const large = Buffer.alloc(9 * 1024 * 1024, 1)
      await host.upload(Readable.from([large]), at('x'), { sha256: sha256(large), mode: '0600' })
      expect(fs.readFileSync('/var/lib/kubestrap/digests', 'utf8')).toContain(`${sha256(large)} `)
      fs.writeFileSync(at('x'), Buffer.alloc(large.length, 2))
      expect(await host.stat(at('x'))).toMatchObject({ sha256: sha256(Buffer.alloc(large.length, 2)) })
    })

    it('of many files at once gives each its own bytes', async () => {
      const each = [...Array(12).keys()].map((i) => Buffer.alloc(200_000, i))
      await Promise.all(
        each.map((b, i) => host.upload(Readable.from([b]), at(`${i}`), { sha256: sha256(b), mode: '0600' })),
      )
      expect(each.every((b, i) => fs.readFileSync(at(`${i}`)).equals(b))).toBe(true)
    })
  })

  describe('mutate', () => {
    it('gives the answer of a script that exits 0, with arguments and stdin', async () => {
      const { stdout } = await host.mutate({
        script: 'echo "$1"; cat',
        args: [`it's`],
        stdin: 'in',
        timeoutMs: 10_000,
      })
      expect(stdout.toString()).toBe(`it's\nin`)
    })

    it.each([
      [
        'an exit code',
        'echo words >&2; exit 3',
        10_000,
        { message: expect.stringContaining('exit code 3'), why: 'words' },
      ],
      [
        'a signal',
        'echo words >&2; kill -9 $$',
        10_000,
        { message: expect.stringContaining('terminated by SIGKILL'), why: expect.stringContaining('words') },
      ],
      [
        'its deadline',
        'echo words; sleep 300',
        500,
        {
          message: expect.stringContaining('did not finish within 0.5 s'),
          why: expect.stringContaining('words'),
        },
      ],
    ])('rejects after %s, with the last words', async (_, script, timeoutMs, expected) => {
      await expect(host.mutate({ script, timeoutMs })).rejects.toMatchObject({
        kind: 'step',
        host: 'cp1',
        ...expected,
      })
    })

    it('shows no secret in its error', async () => {
      const secret = new Secret('hunter2-hunter2')
      const failing = host.mutate({ script: 'cat >&2; exit 1', stdin: secret, timeoutMs: 10_000 })
      await expect(failing).rejects.toMatchObject({ why: '[redacted]' })
    })
  })

  describe('the run’s epoch', () => {
    const touch = (name: string) => ({ script: ': >"$1"', args: [at(name)], timeoutMs: 10_000 })

    it.each([
      ['a machine kubestrap never touched', () => fs.rmSync('/run/kubestrap', { recursive: true })],
      ['a machine whose take-over was cut', () => fs.rmSync('/run/kubestrap/epoch')],
      ['another run’s machine', () => {}],
    ])('must be taken first, also on %s', async (_, prepare) => {
      prepare()
      const never = createHost('cp1', connection)
      await expect(never.mutate(touch('x'))).rejects.toThrow()
      await expect(never.write({ path: at('y'), content: '', mode: '0600' })).rejects.toThrow()
      expect(fs.readdirSync(directory)).toEqual([])
    })

    it('is lost to a later run: the earlier one changes nothing more and is told why', async () => {
      const later = createHost('cp1', connection)
      await later.takeOver('epoch-2')
      await expect(host.mutate(touch('x'))).rejects.toMatchObject({
        kind: 'step',
        host: 'cp1',
        message: expect.stringContaining('another run'),
      })
      await expect(host.write({ path: at('y'), content: '', mode: '0600' })).rejects.toThrow('another run')
      expect(fs.readdirSync(directory)).toEqual([])
      await later.mutate(touch('z'))
      expect(fs.readdirSync(directory)).toEqual(['z'])
    })

    it('is taken over only when a running change has ended', async () => {
      const running = deferred()
      const change = host.mutate({
        script: 'echo go; sleep 1; : >"$1"',
        args: [at('done')],
        timeoutMs: 10_000,
        onOutput: () => running.resolve(),
      })
      await running.promise
      await createHost('cp1', connection).takeOver('epoch-2')
      expect(fs.existsSync(at('done'))).toBe(true)
      await change
    })

    it('tells the next run, and one that only looks, whose the host was, until it is let go', async () => {
      expect(await host.atWork()).toEqual({ epoch: 'epoch-1', owner: '', busy: false })
      const next = createHost('cp1', connection)
      expect(await next.takeOver('epoch-2', 'up by ann@laptop')).toEqual({
        epoch: 'epoch-1',
        owner: '',
        busy: false,
      })
      expect(await host.atWork()).toEqual({ epoch: 'epoch-2', owner: 'up by ann@laptop', busy: false })
      await expect(host.mutate(touch('x'))).rejects.toMatchObject({ why: 'up by ann@laptop', endsRun: true })
      // one that lost the host lets go of nothing
      await host.letGo()
      expect(await host.atWork()).toMatchObject({ owner: 'up by ann@laptop' })
      await next.letGo()
      expect(await host.atWork()).toEqual({ epoch: 'epoch-2', owner: undefined, busy: false })
    })

    it('is taken over by the first change alone, where it is as it was seen', async () => {
      await host.letGo()
      const next = createHost('cp1', connection)
      next.takeOverLater('epoch-2', 'up by ann@laptop', await next.atWork())
      expect(await host.atWork()).toMatchObject({ epoch: 'epoch-1', owner: undefined })
      await Promise.all([next.mutate(touch('x')), next.write({ path: at('y'), content: '', mode: '0600' })])
      expect(fs.readdirSync(directory)).toEqual(['x', 'y'])
      expect(await host.atWork()).toMatchObject({ epoch: 'epoch-2', owner: 'up by ann@laptop' })
      await next.letGo()
      expect(await host.atWork()).toMatchObject({ epoch: 'epoch-2', owner: undefined })
    })

    it.each([
      ['has it', async (other: Host) => void (await other.takeOver('epoch-2', 'up by ann@laptop'))],
      [
        'had it',
        async (other: Host) => {
          await other.takeOver('epoch-2', 'up by ann@laptop')
          await other.letGo()
        },
      ],
    ])('is not changed by a run that saw it before another %s', async (_, meanwhile) => {
      await host.letGo()
      const late = createHost('cp1', connection)
      late.takeOverLater('epoch-3', 'up by bob', await late.atWork())
      await meanwhile(createHost('cp1', connection))
      await expect(late.mutate(touch('x'))).rejects.toMatchObject({
        kind: 'step',
        message: 'another run of kubestrap has taken over this host',
        endsRun: true,
      })
      expect(fs.readdirSync(directory)).toEqual([])
      await late.letGo()
      expect(await host.atWork()).toMatchObject({ epoch: 'epoch-2' })
    })

    it('is had for the first time by the first change, too', async () => {
      fs.rmSync('/run/kubestrap', { recursive: true })
      const first = createHost('cp1', connection)
      first.takeOverLater('epoch-1', 'up', await first.atWork())
      await first.mutate(touch('x'))
      expect(fs.readdirSync(directory)).toEqual(['x'])
    })

    it('can be asked without a trace on a host that no run ever had', async () => {
      fs.rmSync('/run/kubestrap', { recursive: true })
      expect(await createHost('cp1', connection).atWork()).toEqual({
        epoch: '',
        owner: undefined,
        busy: false,
      })
      expect(fs.existsSync('/run/kubestrap')).toBe(false)
    })

    it('is seen to be busy while a change runs, and the look can wait for its end', async () => {
      const running = deferred()
      const change = host.mutate({
        script: 'echo go; until [ -e "$1" ]; do sleep 0.05; done; sleep 0.2; : >"$2"',
        args: [at('end'), at('done')],
        timeoutMs: 30_000,
        onOutput: () => running.resolve(),
      })
      await running.promise
      const other = createHost('cp1', connection)
      expect(await other.atWork()).toMatchObject({ busy: true })
      fs.writeFileSync(at('end'), '')
      expect(await other.atWork(10_000)).toMatchObject({ busy: false })
      expect(fs.existsSync(at('done'))).toBe(true)
      await change
    })

    it('is not held for ever by a daemon that a change left behind', async () => {
      await host
        .mutate({ script: 'setsid sleep 30 >/dev/null 2>&1 </dev/null & echo $!', timeoutMs: 10_000 })
        .then(async ({ stdout }) => {
          await createHost('cp1', connection).takeOver('epoch-2')
          process.kill(Number(stdout))
        })
      expect(fs.readFileSync('/run/kubestrap/epoch', 'utf8')).toBe('epoch-2\n')
    })

    it('lets changes of one run go on at the same time', async () => {
      const script = `: >"$1"; i=0; while [ ! -e "$2" ]; do i=$((i + 1)); [ $i -lt 100 ] || exit 1; sleep 0.05; done`
      const change = (mine: string, other: string) =>
        host.mutate({ script, args: [at(mine), at(other)], timeoutMs: 10_000 })
      await Promise.all([change('a', 'b'), change('b', 'a')])
    })
  })

  it('reports a transport that breaks while asking, and concludes nothing', async (ctx) => {
    const { drop } = machine
    if (!drop) return ctx.skip('a local connection has no transport that could break')
    const own = createHost('cp1', machine.connect())
    const started = at('started')
    const asked = own.read({ script: ': >"$1"; sleep 2', args: [started] })
    const fails = expect(asked).rejects.toMatchObject({ kind: 'connection', host: 'cp1' })
    await expect.poll(() => fs.existsSync(started), { timeout: 5_000 }).toBe(true)
    await drop()
    await fails
    await own.close()
    await connection.close()
    connection = machine.connect()
  })
})
