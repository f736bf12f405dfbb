import { expect, test } from 'vitest'
import { commands } from '../../../src/cli/commands.js'
import { withPassedOn } from '../../../src/cli/passed-on.js'

const passed = (line: string): string => withPassedOn(line.split(' '), commands).join(' ')

test.each([
  ['lab ssh cp1 ls -l', 'lab ssh cp1 -- ls -l'],
  [
    'lab ssh -i lab.yaml cp1 kubectl get nodes -o wide',
    'lab ssh -i lab.yaml cp1 -- kubectl get nodes -o wide',
  ],
  ['lab ssh --inventory lab.yaml cp1 -l', 'lab ssh --inventory lab.yaml cp1 -- -l'],
  ['lab ssh --inventory=lab.yaml cp1 ls -i', 'lab ssh --inventory=lab.yaml cp1 -- ls -i'],
  ['lab ssh cp1 sh -c x -- y', 'lab ssh cp1 -- sh -c x -- y'],
])('%s: what follows the machine is the machine\u2019s, options too', (line, expected) => {
  expect(passed(line)).toBe(expected)
})

test.each([
  'lab ssh cp1',
  'lab ssh cp1 -- ls -l',
  'lab status -i x',
  'exec -l w1 uptime',
  'up -v',
  'lab ssh --help',
])('%s stays as it is', (line) => {
  expect(passed(line)).toBe(line)
})
