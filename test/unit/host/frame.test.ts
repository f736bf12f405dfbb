import { execFileSync, spawnSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FrameAnswer, frameScript, parseFrame } from '../../../src/host/frame.js'
import { createHost } from '../../../src/host/remote-host.js'
import { uutilsTimeout } from '../../support/uutils-timeout.js'

/** The answers as the script writes them. */
function encode(answers: readonly FrameAnswer[]): Buffer {
  const heads = answers.map(
    ({ code, stdout, stderr }, id) => `KS ${id} ${code} ${stdout.length} ${stderr.length}\n`,
  )
  return Buffer.concat([
    Buffer.from(heads.join('')),
    ...answers.flatMap(({ stdout, stderr }) => [stdout, stderr]),
  ])
}

const bytes = fc.uint8Array({ maxLength: 60 }).map((array) => Buffer.from(array))
const lookalike = fc.constantFrom('KS 0 0 0 0\n', '\nKS 1 0 5 5\n', '\n', '').map((text) => Buffer.from(text))
const answer = fc.record({
  code: fc.integer({ min: 0, max: 255 }),
  stdout: fc.oneof(bytes, lookalike),
  stderr: fc.oneof(bytes, lookalike),
})
const frames = fc.array(answer, { minLength: 1, maxLength: 6 }).map((all) => ({ all, text: encode(all) }))

describe('parseFrame', () => {
  it('gives each question its own bytes back', () => {
    fc.assert(
      fc.property(frames, ({ all, text }) => {
        expect(parseFrame(text, all.length)).toEqual(all)
      }),
    )
  })

  it('throws at every place where the answer can be cut', () => {
    fc.assert(
      fc.property(frames, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (frame, where) => {
        const cut = frame.text.subarray(0, Math.floor(where * frame.text.length))
        expect(() => parseFrame(cut, frame.all.length)).toThrow()
      }),
    )
  })

  it.each([
    ['something before the first answer', 'motd\nKS 0 0 0 0\n', 1, 'malformed'],
    ['an answer to a question nobody asked', 'KS 0 0 0 0\nKS 1 0 0 0\n', 1, 'longer'],
    ['a question without an answer', 'KS 0 0 0 0\n', 2, 'question 1'],
    ['nothing at all', '', 1, 'question 0'],
    ['a length that no answer can have', 'KS 0 0 99999999999999999999 0\n', 1, 'malformed'],
    ['a length beyond what came', 'KS 0 0 9999999999 0\nx', 1, 'cut short'],
    ['more than was said', 'KS 0 0 1 0\nxy', 1, 'longer'],
    ['two answers to one question', 'KS 0 0 0 0\nKS 0 1 0 0\n', 2, 'question 1'],
    ['a number that is none', 'KS 0 -1 0 0\n', 1, 'malformed'],
  ])('throws on %s', (_, text, count, message) => {
    expect(() => parseFrame(Buffer.from(text), count)).toThrow(message)
  })
})

it('an answer that the host could not keep is a problem, never an empty answer', () => {
  expect(parseFrame(Buffer.from('KS 0 full 0 0\n'), 1)).toMatchObject([
    { code: 1, problem: expect.stringContaining('no space left') },
  ])
})

it('a host that answers anything but a frame is an error of that host', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
      const stdout = Buffer.from(bytes)
      const host = createHost('cp1', {
        description: 'hostile',
        run: async () => ({ kind: 'exited', code: 0, stdout, stderr: '' }),
        openTcp: () => Promise.reject(new Error('none')),
        close: async () => {},
      })
      const asked = [host.read({ script: 'true' }), host.read({ script: 'false' })]
      for (const one of await Promise.allSettled(asked))
        expect(one).toMatchObject({ status: 'rejected', reason: { kind: 'connection', host: 'cp1' } })
    }),
    { numRuns: 50 },
  )
})

describe('frameScript', () => {
  it('asks real questions whose answers parse, arguments and exit codes included', () => {
    const script = frameScript([
      { script: 'printf "%s" "$1"', args: [`it's $HOME\n`], timeoutMs: 5_000 },
      { script: 'echo gone >&2; exit 3', args: [], timeoutMs: 5_000 },
      { script: ':', args: [], timeoutMs: 5_000 },
    ])
    const output = execFileSync('/bin/sh', ['-c', script])
    const shown = parseFrame(output, 3).map(({ code, stdout, stderr }) => [code, `${stdout}`, `${stderr}`])
    expect(shown).toEqual([
      [0, `it's $HOME\n`, ''],
      [3, '', 'gone\n'],
      [0, '', ''],
    ])
  })

  const asked = (reads: Parameters<typeof frameScript>[0]) =>
    parseFrame(execFileSync('/bin/sh', ['-c', frameScript(reads)]), reads.length).map(
      ({ code, stdout, stderr, problem }) => [code, `${stdout}`, `${stderr}`, ...(problem ? [problem] : [])],
    )

  it('asks those of one deadline in one shell, and none sees what another did', () => {
    const lines = (out: string) => ({ script: out, args: ['own'], timeoutMs: 5_000 })
    const found = asked([
      lines('x=1; cd /proc; set -f; umask 077; exec 2>&1; echo "$1" >&2'),
      lines('trap "echo end" EXIT; echo "[$x] $1 $# $(umask) $-"; exit 4'),
      lines('if true'),
      lines('exec sh -c "exit 5"'),
      lines('kill -KILL "$(sh -c \'echo $PPID\')"'),
      lines('pwd; cat; sh -c "[ ! -e /proc/self/fd/3 ] || echo open"'),
      { ...lines('pwd; cat'), timeoutMs: 6_000 },
    ])
    expect(found[0]).toEqual([0, 'own\n', ''])
    expect(found[1]).toEqual([4, expect.stringMatching(/^\[\] own 1 0022 [^f]*\nend\n$/), ''])
    expect(found[2]).toEqual([2, '', expect.stringMatching(/\S/)])
    expect(found[3]?.slice(0, 2)).toEqual([5, ''])
    expect(found[4]?.slice(0, 2)).toEqual([137, ''])
    expect(found[5]).toEqual([0, `${process.cwd()}\n`, ''])
    expect(found[6]).toEqual(found[5])
  })

  it('one that outlasts its deadline is stopped with all it started, and the others of that deadline are answered', () => {
    const mark = `${4_000_000 + process.pid}`
    const long = {
      script: `trap "" TERM; sleep ${mark} & sleep ${mark}; sleep ${mark}`,
      args: [],
      timeoutMs: 900,
    }
    const found = asked([
      long,
      { script: 'echo whole; echo said >&2; exit 3', args: [], timeoutMs: 900 },
      { script: 'sleep 0.5; echo later', args: [], timeoutMs: 5_000 },
      { ...long, script: `echo half; sleep ${mark}` },
    ])
    expect(found.map((one) => one[0])).toEqual([124, 3, 0, 124])
    expect(found[1]).toEqual([3, 'whole\n', 'said\n'])
    expect(found[2]).toEqual([0, 'later\n', ''])
    expect(spawnSync('pgrep', ['-fx', `sleep ${mark}`]).status).toBe(1)
  })

  // seen with uutils 0.8.0: the answers came when what was left of the shell let the output go, a minute later
  it('ends at the deadline also where KILL reaches the shell alone', { timeout: 20_000 }, () => {
    const { path, remove } = uutilsTimeout()
    const reads = [
      { script: 'sleep 2; sleep 0.1; sleep 30', args: [], timeoutMs: 900 },
      { script: 'echo whole', args: [], timeoutMs: 900 },
    ]
    const env = { ...process.env, PATH: `${path}:${process.env.PATH}` }
    const output = execFileSync('/bin/sh', ['-c', frameScript(reads)], { env, timeout: 15_000 })
    remove()
    expect(parseFrame(output, 2).map(({ code, stdout }) => [code, `${stdout}`])).toEqual([
      [124, ''],
      [0, 'whole\n'],
    ])
  })

  it('a script that holds the end of its here-document is asked whole', () => {
    const script = "cat <<'KUBESTRAP_END'\nwait\nKUBESTRAP_END\n"
    expect(
      asked([
        { script, args: ['KUBESTRAP_END_\n'], timeoutMs: 5_000 },
        { script: ':', args: [], timeoutMs: 5_000 },
      ])[0],
    ).toEqual([0, 'wait\n', ''])
  })
})
