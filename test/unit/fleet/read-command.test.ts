import { describe, expect, it } from 'vitest'
import { frameScript } from '../../../src/host/frame.js'
import { header } from '../../../src/host/wire.js'
import { readFrame, readHeader } from '../../support/fleet/read-command.js'

const hostile = ["it's", '$(reboot)', 'two\nlines', '', "'", 'sh', `' 2>"$d`]

describe('what a replayed host reads off the wire', () => {
  it('is the script and the arguments that were sent', () => {
    const script = `echo "$1"\n# it's all\ncat <<'X'\n)\nX`
    const [, line = ''] = header({ script, args: hostile, timeoutMs: 1_000 }, 'none').split('\n')
    expect(readHeader(line)).toEqual({ script, args: hostile })
  })

  it('is a script without arguments', () => {
    const [, line = ''] = header({ script: 'true', timeoutMs: 1_000 }, 'none').split('\n')
    expect(readHeader(line)).toEqual({ script: 'true', args: [] })
  })

  it('is each question of a frame', () => {
    const questions = [
      { script: 'printf \'%s\\n\' "$@"', args: hostile, timeoutMs: 500 },
      { script: 'true', args: [], timeoutMs: 10_000 },
      { script: "echo it's\n\necho two", args: [], timeoutMs: 500 },
      { script: 'cat', args: ['{ (eval \'set -- \' 2>"$1/0.e"\n{ (eval'], timeoutMs: 500 },
      { script: 'cat', args: ['( c=$({ { timeout -k 1 5 /bin/sh -c'], timeoutMs: 10_000 },
    ]
    const expected = questions.map(({ script, args }) => ({ script, args }))
    expect(readFrame(frameScript(questions))).toEqual(expected)
    expect(readFrame('echo hello')).toBeUndefined()
  })
})
