import { describe, expect, it } from 'vitest'
import { sources } from './source.js'

/** Lines of src/ that match, "src/x.ts: line". */
const linesWith = (pattern: RegExp, skip: (file: string) => boolean = () => false): string[] =>
  [...sources]
    .filter(([file]) => !skip(file))
    .flatMap(([file, text]) =>
      text
        .split('\n')
        .filter((line) => pattern.test(line))
        .map((line) => `${file}: ${line.trim()}`),
    )

/**
 * The wording of messages is for people and changes with every reading. What is decided by it breaks then,
 * and no type tells; so decisions have kinds (engine/step.ts: Work), and words are read in src/ui alone.
 */
describe('decisions', () => {
  it("never read a change's words: those are printed by ui, and put into a sentence by engine/step", () => {
    const reads = /\.summary\b|\(\{[^}]*\bsummary\b[^}]*\}(: Change)?\) =>/
    const found = linesWith(reads, (file) => file.startsWith('src/ui/') || file === 'src/engine/step.ts')
    expect(found).toEqual([])
    // the scan sees what it is for
    expect([...sources].filter(([, text]) => reads.test(text)).map(([file]) => file)).toEqual(
      expect.arrayContaining(['src/ui/format.ts', 'src/engine/step.ts']),
    )
  })

  it.each([
    [
      'a title or a summary',
      /\b(summary|title)\??\.(startsWith|endsWith|includes|match|search|slice|split|replace|indexOf)\(/,
    ],
    ['a title or a summary, by a pattern', /\.(test|exec)\([^)]*\b(summary|title)\)/],
    [
      'the name of a step',
      /\b(step|node)\.(id|key)\.(startsWith|endsWith|includes|match|slice|split|replace|indexOf)\(/,
    ],
    ['the name of a step, by a pattern', /\.(test|exec)\((step|node)\.(id|key)\)/],
    [
      'the name of a step, taken apart',
      /\{ (id|key) \}\) => (id|key)\.(slice|split|replace|startsWith|endsWith|match)\(/,
    ],
  ])('never parse %s', (_, pattern) => {
    expect(linesWith(pattern)).toEqual([])
  })

  it('of the cli know no step by its id', () => {
    expect(linesWith(/\bstep\.id\b/, (file) => !file.startsWith('src/cli/'))).toEqual([])
  })
})
