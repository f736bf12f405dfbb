import { expect, test } from 'vitest'
import { leftText } from '../../../src/cli/left-text.js'

const hosts = ['cp1', 'w1', 'w2', 'w3']
const on = (what: string, ...names: string[]) => names.map((host) => ({ host, what }))

test('what stays is told once, with its hosts in their order, however often it was reported', () => {
  const left = [...on('/etc/docker', 'w3', 'w1', 'cp1', 'w2', 'w1'), ...on('3 images', 'w2', 'w1')]
  expect(leftText(left, hosts)).toBe('Left:\n  cp1 … w3 (4 hosts): /etc/docker\n  w1, w2: 3 images')
})

test('a host that the run was not about is named, too; where nothing stays there is no text', () => {
  expect(leftText(on('/etc/docker', '10.0.0.9', 'w1'), hosts)).toBe('Left:\n  w1, 10.0.0.9: /etc/docker')
  expect(leftText([], hosts)).toBe('')
})
