import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BeforeEnd } from '../../../src/host/before-end.js'
import { collector } from '../../../src/host/collect.js'
import { outcomeOf, startOfEnd } from '../../../src/host/wire.js'

test('what tells a command\u2019s output on never sees the mark that ends it, wherever the chunks are cut', () => {
  const words = fc.stringMatching(/^[a-z\nKS 0]{0,30}$/)
  const mark = fc.constantFrom('\n\x1eKS 0\x1e', '\x1eKS end\x1e', '\n\x1eKS timeout\x1e')
  fc.assert(
    fc.property(words, mark, fc.array(fc.nat(45), { maxLength: 6 }), (text, end, cuts) => {
      const whole = Buffer.from(`${text}${end}`)
      const before = new BeforeEnd(end.startsWith('\n') ? startOfEnd.stderr : startOfEnd.stdout)
      const at = [0, ...cuts.sort((a, b) => a - b), whole.length]
      const told = at.slice(1).map((to, i) => before.push(whole.subarray(at[i], to)).toString())
      expect(told.join('')).toBe(text)
    }),
  )
})

test('the progress of an installation does not end with "KS 0"', () => {
  const told: string[] = []
  const output = collector({ script: '', timeoutMs: 1, onOutput: (chunk) => told.push(chunk.toString()) })
  output.stderr(Buffer.from('\x1eKS go\x1eSetting up haproxy\n'))
  output.stderr(Buffer.from('\n\x1eKS 0\x1e'))
  expect(told.join('').trim().split('\n').at(-1)).toBe('Setting up haproxy')
  expect(output.result().stderr.toString()).toContain('KS 0')
})

test('an answer whose end mark is followed by a background process names no mark', () => {
  const stderr = Buffer.from('dpkg: done\n\x1eKS 0\x1eforked: bye')
  expect(outcomeOf({ stdout: Buffer.from('\x1eKS end\x1e'), stderr })).toEqual({
    kind: 'lost',
    reason: 'dpkg: done',
  })
})
