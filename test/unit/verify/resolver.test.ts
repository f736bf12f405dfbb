import { describe, expect, it } from 'vitest'
import { candidates, parseNslookup, parseResolvConf, verdictOf } from '../../../src/verify/resolver.js'

const ofPod = `search ks.svc.cluster.local svc.cluster.local cluster.local
nameserver 10.96.0.10
options ndots:5
`

describe('resolv.conf of a Pod', () => {
  it('as the kubelet writes it', () => {
    expect(parseResolvConf(ofPod)).toEqual({
      nameservers: ['10.96.0.10'],
      search: ['ks.svc.cluster.local', 'svc.cluster.local', 'cluster.local'],
      ndots: 5,
    })
  })

  it('with nothing in it, and with comments and several lists', () => {
    expect(parseResolvConf('')).toEqual({ nameservers: [], search: [], ndots: 1 })
    expect(
      parseResolvConf('# nameserver 1.1.1.1\nsearch a\nsearch b c\nnameserver\noptions edns0 ndots:2'),
    ).toEqual({ nameservers: [], search: ['b', 'c'], ndots: 2 })
  })

  it.each([
    ['echo', ['echo.ks.svc.cluster.local', 'echo.svc.cluster.local', 'echo.cluster.local', 'echo']],
    [
      'a.b.c.d.e.f',
      [
        'a.b.c.d.e.f',
        'a.b.c.d.e.f.ks.svc.cluster.local',
        'a.b.c.d.e.f.svc.cluster.local',
        'a.b.c.d.e.f.cluster.local',
      ],
    ],
  ])('what a resolver asks for %s, in turn', (name, wanted) => {
    expect(candidates(name, parseResolvConf(ofPod))).toEqual(wanted)
  })
})

describe('what nslookup prints', () => {
  it("of Debian's busybox 1.35, with a name that has no IPv6 address", () => {
    expect(
      parseNslookup(
        'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nName:\techo.ks.svc.cluster.local\nAddress: 10.101.7.9\n\n',
      ),
    ).toEqual({ addresses: ['10.101.7.9'] })
  })

  it('of busybox 1.28, with numbers and names', () => {
    expect(
      parseNslookup(
        'Server:    10.96.0.10\nAddress 1: 10.96.0.10 kube-dns.kube-system.svc.cluster.local\n\nName:      echo\nAddress 1: 10.101.7.9 echo.ks.svc.cluster.local\n',
      ),
    ).toEqual({ addresses: ['10.101.7.9'] })
  })

  it('of a name with several addresses, of both families, by way of another name', () => {
    expect(
      parseNslookup(
        'Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\nexternal.ks.svc.cluster.local\tcanonical name = echo.ks.svc.cluster.local\nName:\techo.ks.svc.cluster.local\nAddress: 10.1.0.1\nName:\techo.ks.svc.cluster.local\nAddress: 10.1.0.2\nName:\techo\nAddress: fd00::1\n',
      ),
    ).toEqual({ addresses: ['10.1.0.1', '10.1.0.2', 'fd00::1'] })
  })

  it('of a name that does not exist: the address of the server is none of its', () => {
    expect(
      parseNslookup(
        "Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find echo.cluster.local: NXDOMAIN\n",
      ),
    ).toBe('no such name')
  })

  it.each([
    [';; connection timed out; no servers could be reached\n', 'connection timed out'],
    ["Server:\t\t10.96.0.10\nAddress:\t10.96.0.10:53\n\n** server can't find echo: SERVFAIL\n", 'SERVFAIL'],
    ['', 'nslookup printed nothing'],
    ['Address: 10.96.0.10:53', 'Address'],
  ])('%j is no answer, and no proof that there is none', (said, words) => {
    expect(parseNslookup(said)).toEqual({ unclear: expect.stringContaining(words) })
  })
})

describe('what an answer means for a name whose addresses are known', () => {
  const wanted = ['10.1.0.1', '10.1.0.2', 'fd00:0::1']
  const ours = { ours: true, wanted, part: false }

  it('every address, in any order and spelling', () => {
    expect(verdictOf({ addresses: ['fd00::1', '10.1.0.2', '10.1.0.1'] }, ours)).toBe('it is')
    expect(verdictOf({ addresses: ['10.1.0.1'] }, ours)).toEqual({
      wrong: 'is 10.1.0.1, not 10.1.0.1, 10.1.0.2, fd00:0::1',
    })
  })

  it('some of many are enough, and a foreign one among them is not', () => {
    expect(verdictOf({ addresses: ['10.1.0.2'] }, { ...ours, part: true })).toBe('it is')
    expect(verdictOf({ addresses: ['10.1.0.2', '10.9.9.9'] }, { ...ours, part: true })).toMatchObject({
      wrong: expect.stringContaining('10.9.9.9'),
    })
  })

  it("a name server outside that does not answer keeps nobody from the cluster's own names", () => {
    expect(verdictOf({ unclear: 'SERVFAIL' }, { ...ours, ours: false })).toBe('go on')
    expect(verdictOf({ unclear: 'SERVFAIL' }, ours)).toEqual({ wrong: 'has no answer: SERVFAIL' })
    expect(verdictOf('no such name', ours)).toBe('go on')
  })

  it('another address in a domain of the search list is what a Pod would get', () => {
    expect(verdictOf({ addresses: ['192.0.2.1'] }, { ...ours, ours: false })).toMatchObject({
      wrong: expect.stringContaining('192.0.2.1'),
    })
  })
})
