import { describe, expect, it } from 'vitest'
import { candidates, parseNslookup, parseResolvConf } from '../../../src/verify/resolver.js'

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
