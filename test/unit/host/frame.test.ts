import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type FrameAnswer, frameScript, parseFrame } from '../../../src/host/frame.js'
import { createHost } from '../../../src/host/remote-host.js'

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
})
