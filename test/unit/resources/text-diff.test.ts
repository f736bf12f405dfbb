import { applyPatch } from 'diff'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { textDiff } from '../../../src/resources/text-diff.js'

describe('textDiff', () => {
  it('shows a changed line with two lines around it', () => {
    expect(textDiff('/etc/x', '1\n2\n3\n4\n5\n6\n7\n', '1\n2\n3\nfour\n5\n6\n7\n')).toBe(
      ['--- /etc/x', '+++ /etc/x', '@@ -2,5 +2,5 @@', ' 2', ' 3', '-4', '+four', ' 5', ' 6', ''].join('\n'),
    )
  })

  it('shows a new file as coming from /dev/null', () => {
    expect(textDiff('/etc/x', undefined, 'a\n')).toBe('--- /dev/null\n+++ /etc/x\n@@ -0,0 +1,1 @@\n+a\n')
  })

  it('tells an empty file from none', () => {
    expect(textDiff('/etc/x', '', 'a\n')).toMatch(/^--- \/etc\/x\n/)
  })

  it('tells that the last line has no end', () => {
    expect(textDiff('/etc/x', 'a\n', 'a')).toContain('\\ No newline at end of file')
  })

  it('keeps a line of equals signs that is the file’s own', () => {
    expect(textDiff('/etc/x', '', '====\n')).toContain('+====\n')
  })

  it('shows of neither text what a key that sounds like a secret is set to', () => {
    const shown = textDiff(
      '/etc/x',
      'port: 1\ndb_pass: 0ld\n',
      'port: 1\nsecret_key: N3w\nprivate_key: N3w\n',
    )
    expect(shown).not.toMatch(/0ld|N3w/)
    expect(shown).toContain('-db_pass: …\n+secret_key: …\n+private_key: …')
  })

  it('is a patch that makes the new text of the old', () => {
    const text = fc
      .array(fc.constantFrom('a', 'b', '===', '--- x', ''))
      .map((lines) => lines.map((l) => `${l}\n`).join(''))
    fc.assert(
      fc.property(text, text, (before, after) => {
        expect(applyPatch(before, textDiff('/etc/x', before, after))).toBe(after)
      }),
    )
  })
})
