import { describe, expect, test } from 'vitest'
import { isOfCluster, isOwnSet, virtualServers } from '../../../../../src/steps/reset/netfilter/ipvs.js'
import { readNetfilter } from '../../../../../src/steps/reset/netfilter/look.js'

// as the kernel prints /proc/net/ip_vs, without its three lines of headings
const text = `TCP  0A600001:01BB rr 
  -> 0A58000B:192B      Masq    1      0          0         
UDP  0A60000A:0035 rr 
TCP  0A58000B:7530 rr 
  -> 0AF40105:1F90      Masq    1      0          0         
  -> 0AF40204:1F90      Masq    1      0          0         
TCP  C0000205:0050 wlc persistent 360
  -> C0000207:0050      Route   1      0          0         
TCP  [fd00:0096:0000:0000:0000:0000:0000:0001]:01BB rr 
FWM  00000001 rr 
  -> C0000208:0000      Route   1      0          0         
`
const subnets = { podSubnet: '10.244.0.0/16', serviceSubnet: '10.96.0.0/12' }
const network = { chains: [], cniNames: [] }
const read = (more: string) => readNetfilter(`${more}@end\n`, network, subnets)

describe('virtual servers of IPVS', () => {
  test('are read with what they pass on to', () => {
    expect(virtualServers(text).map(({ argument, reals }) => [argument, reals.length])).toEqual([
      ['-t 10.96.0.1:443', 1],
      ['-u 10.96.0.10:53', 0],
      ['-t 10.88.0.11:30000', 2],
      ['-t 192.0.2.5:80', 1],
      ['-t [fd00:0096:0000:0000:0000:0000:0000:0001]:443', 0],
    ])
  })

  test("are the cluster's by the address of a Service, or by Pods alone behind them", () => {
    const own = (of: typeof subnets) => virtualServers(text).map((server) => isOfCluster(server, of))
    expect(own(subnets)).toEqual([true, true, true, false, false])
    expect(own({ ...subnets, serviceSubnet: 'fd00:96::/112' })).toEqual([false, false, true, false, true])
  })

  test('are deleted where ipvsadm is there, and named where it is not; those of others are named', () => {
    const others = "2 virtual servers of IPVS that may be somebody else's (ipvsadm --list)"
    expect(read(`@ipvs ipvsadm\n${text}@ipset\n`)).toEqual({
      removals: [{ program: 'ipvsadm', text: '-t 10.96.0.1:443\n-u 10.96.0.10:53\n-t 10.88.0.11:30000\n' }],
      rules: 0,
      chains: 0,
      ipvs: 3,
      left: [others],
    })
    const without = read(`@ipvs\n${text}@ipset\n`)
    expect(without.removals).toEqual([])
    expect(without.left).toEqual([
      expect.stringContaining('3 virtual servers of IPVS: the program ipvsadm'),
      others,
    ])
  })

  test("have sets, which are deleted by kube-proxy's own names", () => {
    expect(['KUBE-CLUSTER-IP', 'KUBE-6-LOOP-BACK', 'KUBE-NODE-PORT-LOCAL-TCP'].map(isOwnSet)).toEqual([
      true,
      true,
      true,
    ])
    expect(['KUBE-ROUTER-ALL', 'blocked'].map(isOwnSet)).toEqual([false, false])
    expect(read('@ipvs ipvsadm\n@ipset\nKUBE-CLUSTER-IP\nblocked\n').removals).toEqual([
      { program: 'ipset', text: 'KUBE-CLUSTER-IP\n' },
    ])
  })
})
