import { expect, test } from 'vitest'
import type { Host } from '../../../src/host/host.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { type ExecResult, execOn } from '../../../src/operations/exec.js'

const here = { name: 'here', connection: localConnection() } as unknown as Host

async function ran(...words: string[]): Promise<ExecResult | undefined> {
  const [result] = await execOn([here], words, 10_000, () => {})
  return result
}

test('a single argument is a command of the shell, as with ssh', async () => {
  expect(await ran('echo one; echo two >&2; exit 3')).toMatchObject({
    code: 3,
    stdout: 'one\n',
    stderr: 'two\n',
  })
  expect(await ran("printf '%s\\n' a b | tail -n 1")).toMatchObject({ code: 0, stdout: 'b\n' })
})

test('several arguments are joined with blanks before the shell reads them, as with ssh', async () => {
  expect(await ran('printf', '[%s]', 'a  b')).toMatchObject({ code: 0, stdout: '[a][b]' })
  expect(await ran('echo', '$((1 + 1))', '|', 'cat')).toMatchObject({ code: 0, stdout: '2\n' })
})
