import { expect, test } from 'vitest'
import { alike, hostsText } from '../../../src/preflight/alike.js'

const finding = (host: string, what: string, over: object = {}) => ({
  check: 'RuntimeVersion',
  host,
  severity: 'warning' as const,
  what,
  next: 'nothing to do now',
  ignored: false,
  ...over,
})

test('what is the same on several hosts is one finding; another severity or host word is another', () => {
  const found = alike([
    finding('cp1', 'containerd 1.6.20'),
    finding('w1', 'containerd 1.7.24'),
    finding('w2', 'containerd 1.6.20'),
    finding('w3', 'containerd 1.6.20', { severity: 'error' }),
  ])
  expect(found.map(({ hosts, what, severity }) => [hosts.join(' '), what, severity])).toEqual([
    ['cp1 w2', 'containerd 1.6.20', 'warning'],
    ['w1', 'containerd 1.7.24', 'warning'],
    ['w3', 'containerd 1.6.20', 'error'],
  ])
})

test.each([
  [1, 'w1'],
  [2, 'w1, w2'],
  [6, 'w1, w2, w3, w4, w5, w6'],
  [30, 'w1, w2, w3, w4, w5 and 25 more hosts'],
])('%d hosts', (count, text) => {
  expect(hostsText(Array.from({ length: count }, (_, i) => `w${i + 1}`))).toBe(text)
})
