import { describe, expect, it } from 'vitest'
import { sources } from './source.js'

/**
 * Words of hosts, of the API and of programs reach a person by src/ui/screen.ts alone, which masks secrets and writes
 * control characters out. Whoever needs another way stands here with a reason.
 */
const ways =
  /process\.std(?:out|err)\b(?!\??\.(?:isTTY|columns|on|writableLength)\b)|\bconsole\.\w+\(|\b(?:out|stdout|stderr)\.write\(|\btoStd(?:out|err)\(|#?canvas\.write\(|\bwriteSync\(|\bappendFile|\bprocess\.emitWarning/

const reasons: Readonly<Record<string, readonly [count: number, why: string]>> = {
  'src/ui/screen.ts': [7, 'the sink itself'],
  'src/ui/junit.ts': [
    1,
    'XML of texts that went through the sink one by one; masked again it would be no XML',
  ],
  'src/ui/log-file.ts': [1, 'JSON by shownJson'],
  'src/ui/tree.ts': [2, 'the terminal of the live view, which live/window.ts alone draws on'],
  'src/ui/live/window.ts': [5, 'cursor and colours of its own around texts that it writes out itself'],
  'src/ui/live/run.ts': [1, 'the way of the window to standard output'],
  'src/ui/live/renderer.ts': [1, 'texts above the window, by the sink'],
  'src/cli/reporting.ts': [3, 'the stream a reporter writes to by the sink'],
  'src/cli/questions.ts': [1, 'the terminal of a question, itself by the sink'],
  'src/cli/exec.ts': [2, 'passOn of the sink'],
  'src/host/ask-terminal.ts': [2, 'a question to the controlling terminal, by visibleLine'],
}

const found = [...sources].flatMap(([file, text]) => {
  const lines = text.split('\n').filter((line) => ways.test(line) && !/^\s*(?:\*|\/\/)/.test(line))
  return lines.length > 0 ? [{ file, count: lines.length }] : []
})

describe('what is printed', () => {
  it('goes through the sink, or has a reason not to', () => {
    expect(found.filter(({ file }) => !(file in reasons)).map(({ file }) => file)).toEqual([])
  })

  it.each(Object.entries(reasons))('%s writes as often as there is a reason for', (file, [count]) => {
    expect(found.find((one) => one.file === file)?.count).toBe(count)
  })
})
