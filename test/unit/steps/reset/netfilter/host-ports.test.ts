import { expect, test } from 'vitest'
import { nftDeletions } from '../../../../../src/steps/reset/netfilter/nft.js'

const network = { chains: [], cniNames: [], podSubnet: '10.244.0.0/16' }
const table = (...rules: string[]): string =>
  [
    'table ip cni_hostport { # handle 1',
    '\tcomment "CNI portmap plugin"',
    '\tchain hostports { # handle 2',
    ...rules.map((rule, i) => `\t\t${rule} # handle ${i + 10}`),
    '\t}',
    '\tchain prerouting { # handle 3',
    '\t\ttype nat hook prerouting priority dstnat; policy accept;',
    '\t\tjump hostports # handle 4',
    '\t}',
    '}',
  ].join('\n')
const pod = 'tcp dport 80 dnat to 10.244.0.5:80 comment "a"'
const other = 'tcp dport 81 dnat to 10.88.0.5:80 comment "dnat to 10.244.0.5:80"'
const whole = 'delete table ip cni_hostport\n'

test.each<[string, string[], string, number]>([
  ['with Pods alone goes', [pod], whole, 0],
  ['without any container goes', [], whole, 0],
  [
    "with others' containers loses the Pods'",
    [other, pod],
    'delete rule ip cni_hostport hostports handle 11\n',
    1,
  ],
  ["with others' alone stays", [other], '', 1],
  ['with what is not understood stays', ['tcp dport 82 accept'], '', 1],
])('a table of host ports %s', (_, rules, text, left) => {
  const found = nftDeletions(table(...rules), network)
  expect([found.text, found.left.length]).toEqual([text, left])
})

test('of a cluster whose Pod subnet is not known nothing is taken', () => {
  expect(nftDeletions(table(pod), { chains: [], cniNames: [] }).text).toBe('')
})
