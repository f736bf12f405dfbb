import { expect, test } from 'vitest'
import { shellCommands } from '../../support/docs/shell-words.js'

test.each([
  ['kubestrap up   # comes before', [['kubestrap', 'up']]],
  ['a && b | c; d', [['a'], ['b'], ['c'], ['d']]],
  ['exec -- \'which runc; uptime\' "a b"', [['exec', '--', 'which runc; uptime', 'a b']]],
  ['a -o junit >verify.xml 2>/dev/null x', [['a', '-o', 'junit', 'x']]],
  ['source <(a completion bash)', [['source'], ['a', 'completion', 'bash']]],
  ['a#b ##', [['a#b']]],
])('%s', (line, words) => {
  expect(shellCommands(line)).toEqual(words)
})

test('a quote that is not closed is an error', () => {
  expect(() => shellCommands("a 'b")).toThrow('is not closed')
})
