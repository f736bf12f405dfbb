import { expect, test } from 'vitest'
import { flannel } from '../../../../../src/networks/flannel/flannel.js'
import { deletionOf, deletionText } from '../../../../../src/steps/reset/netfilter/chains.js'

const known = { ...flannel, podSubnet: '10.244.7.0/16' }
const masq = '-m comment --comment "flanneld masq"'
const deleted = (rule: string, over: object = {}, name = 'nat'): boolean =>
  deletionOf({ name, chains: [], rules: [rule] }, { ...known, ...over }).rules.length === 1

test.each([
  ['between Pods', `-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 ${masq} -j RETURN`],
  [
    'out of the cluster',
    `-A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 ${masq} -j MASQUERADE --random-fully`,
  ],
  ['to Pods of the node', `-A POSTROUTING ! -s 10.244.0.0/16 -d 10.244.1.0/24 ${masq} -j RETURN`],
  ['of what kube-proxy marked', `-A POSTROUTING -m mark --mark 0x4000/0x4000 ${masq} -j RETURN`],
])('a rule that flannel wrote into POSTROUTING goes: %s', (_, rule) => {
  expect(deleted(rule)).toBe(true)
  expect(deleted(rule, { directRules: [] })).toBe(false)
  expect(deleted(rule, { podSubnet: '10.0.0.0/8' })).toBe(rule.includes('--mark'))
  expect(deleted(rule, {}, 'mangle')).toBe(false)
})

test.each([
  ['another comment', '-A POSTROUTING -s 10.244.0.0/16 -m comment --comment "flanneld masq too" -j RETURN'],
  ['no comment', '-A POSTROUTING -s 10.244.0.0/16 -j RETURN'],
  ['another chain', `-A PREROUTING -s 10.244.0.0/16 ${masq} -j RETURN`],
  ['another target', `-A POSTROUTING -s 10.244.0.0/16 ${masq} -j LOG`],
  ['a narrower match', `-A POSTROUTING -s 10.244.0.0/16 -o eth1 ${masq} -j RETURN`],
  ['another mark', `-A POSTROUTING -m mark --mark 0x1/0x1 ${masq} -j RETURN`],
  ['no subnet', `-A POSTROUTING ${masq} -j RETURN`],
  [
    'the comment in a text',
    '-A POSTROUTING -s 10.244.0.0/16 -m string --string "--comment flanneld masq" -j RETURN',
  ],
])('one with %s stays', (_, rule) => {
  expect(deleted(rule)).toBe(false)
})

test('rules of FORWARD go as they are saved', () => {
  const rule = '-A FORWARD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT'
  expect(deletionText([deletionOf({ name: 'filter', chains: [], rules: [rule] }, known)])).toBe(
    `*filter\n${rule.replace('-A', '-D')}\nCOMMIT\n`,
  )
})
