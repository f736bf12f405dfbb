import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  cniChain,
  deletionOf,
  deletionText,
  parseTables,
} from '../../../../../src/steps/reset/netfilter/chains.js'
import { readNetfilter } from '../../../../../src/steps/reset/netfilter/look.js'
import { nftDeletions } from '../../../../../src/steps/reset/netfilter/nft.js'
import { targetOf, wordsOfRule } from '../../../../../src/steps/reset/netfilter/words.js'

const ours = { chains: ['FLANNEL-FWD'], cniNames: ['cbr0'] }
const table = (chains: string[], rules: string[] = []) => ({ name: 'nat', chains, rules })

describe('netfilter chains of a cluster', () => {
  test.each([
    ['KUBE-SERVICES', true],
    ['KUBE-SVC-NPX46M4PTMTKRN6Y', true],
    ['KUBE-SVC-npx46m4ptmtkrn6y', false],
    ['KUBE-SVC-ADMINS', false],
    ['KUBE-ADMINS', false],
    ['KUBE-ROUTER-INPUT', false],
    ['XKUBE-SERVICES', false],
    ['FLANNEL-FWD', true],
    ['FLANNEL-MINE', false],
  ])('%s is one: %s', (chain, is) => {
    expect(deletionOf(table([chain]), ours).chains).toEqual(is ? [chain] : [])
  })

  test('a chain of a container is ours when its name is the digest of our network and the container', () => {
    const mine = cniChain('cbr0', 'abc', 'DN-')
    const claimed = cniChain('podman', 'abc', 'DN-')
    const rule = (chain: string) =>
      `-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cbr0\\" id: \\"abc\\"" -j ${chain}`
    const found = deletionOf(table(['CNI-HOSTPORT-DNAT', mine, claimed], [rule(mine), rule(claimed)]), ours)
    expect(found.chains).toEqual([mine])
    expect(found.left).toEqual(['CNI-HOSTPORT-DNAT', claimed])
    expect(found.rules).toEqual([rule(mine)])
  })

  test('of containers alone: what is of kube-proxy, of daemons and shared stays', () => {
    const mine = cniChain('cbr0', 'abc', 'DN-')
    const jump = `-A CNI-HOSTPORT-DNAT -p tcp -m comment --comment "dnat name: \\"cbr0\\" id: \\"abc\\"" -j ${mine}`
    const chains = ['KUBE-SERVICES', 'FLANNEL-FWD', 'CNI-HOSTPORT-DNAT', mine]
    const rules = [jump, '-A PREROUTING -j CNI-HOSTPORT-DNAT', '-A PREROUTING -j KUBE-SERVICES']
    const found = deletionOf(table(chains, rules), { ...ours, only: 'containers' })
    expect([found.chains, found.rules]).toEqual([[mine], [jump]])
    const nft = 'table ip kube-proxy {\n}\ntable ip flannel-ipv4 {\n}\n'
    const network = { ...ours, nftTables: ['flannel-ipv4'] }
    expect(nftDeletions(nft, network).text.split('\n')).toHaveLength(3)
    expect(nftDeletions(nft, { ...network, only: 'containers' }).text).toBe('')
    const answer = '@ipset\nKUBE-CLUSTER-IP\n@route_localnet\n@end\n'
    expect(readNetfilter(answer, ours)).toMatchObject({ ipvs: 1, left: [expect.any(String)] })
    expect(readNetfilter(answer, { ...ours, only: 'containers' })).toMatchObject({
      removals: [],
      ipvs: 0,
      left: [],
    })
  })

  test('the chains that all users of portmap share go with the last of them', () => {
    const chains = ['CNI-HOSTPORT-DNAT', 'CNI-HOSTPORT-MASQ', 'CNI-HOSTPORT-SETMARK']
    const jump = '-A PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT'
    expect(deletionText([deletionOf(table(chains, [jump]), ours)])).toBe(
      [
        '*nat',
        '-D PREROUTING -m addrtype --dst-type LOCAL -j CNI-HOSTPORT-DNAT',
        ...chains.map((chain) => `-F ${chain}`),
        ...chains.map((chain) => `-X ${chain}`),
        'COMMIT\n',
      ].join('\n'),
    )
    expect(deletionOf(table([...chains, 'CNI-0123456789abcdef01234567']), ours).chains).toEqual([])
  })

  test('no text of a rule is taken for its target', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom('--comment', '--log-prefix', '--string'), (text, option) => {
        const quoted = `"${text.replace(/[\n\r]/g, '').replace(/["\\']/g, '\\$&')}"`
        const rule = `-A INPUT -m x ${option} ${quoted} -j ACCEPT`
        expect(targetOf(rule)).toBe('ACCEPT')
        expect(wordsOfRule(rule)[5]).toBe(text.replace(/[\n\r]/g, ''))
      }),
    )
    expect(targetOf('-A INPUT -m comment --comment -j -j KUBE-SERVICES')).toBe('KUBE-SERVICES')
    expect(targetOf('-A INPUT -m comment --comment "-j KUBE-SERVICES" -j ACCEPT')).toBe('ACCEPT')
    expect(targetOf('-A INPUT -p tcp')).toBeUndefined()
  })

  test('a line that is none of iptables-save is not passed over', () => {
    expect(() => parseTables('*nat\n:A - [0:0]\nwhat is this\n')).toThrow('not a line of iptables-save')
    expect(() => parseTables('-A INPUT -j X\n')).toThrow()
  })

  test("nft: a comment that speaks of a jump is none, and a user's table of another family stays", () => {
    const ruleset = [
      'table ip filter { # handle 1',
      '\tchain KUBE-FORWARD { # handle 2',
      '\t}',
      '\tchain INPUT { # handle 3',
      '\t\ttcp dport 22 accept comment "jump KUBE-FORWARD" # handle 4',
      '\t\tcounter packets 0 bytes 0 jump KUBE-FORWARD # handle 5',
      '\t}',
      '}',
      'table inet mine { # handle 6',
      '\tchain KUBE-FORWARD { # handle 7',
      '\t}',
      '}',
    ].join('\n')
    expect(nftDeletions(ruleset, ours).text).toBe(
      'delete rule ip filter INPUT handle 5\nflush chain ip filter KUBE-FORWARD\ndelete chain ip filter KUBE-FORWARD\n',
    )
  })
})
