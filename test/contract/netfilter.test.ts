import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bridge } from '../../src/networks/bridge/bridge.js'
import { flannel } from '../../src/networks/flannel/flannel.js'
import type { Network } from '../../src/networks/network.js'
import { deleteScript, lookScript, readNetfilter } from '../../src/steps/reset/netfilter/look.js'
import { netfilterStep } from '../../src/steps/reset/netfilter/netfilter-step.js'
import { applyNow } from '../support/apply-now.js'
import { contextOf, machine } from '../support/context.js'
import { type NetworkNamespace, networkNamespace, whyNoNamespaces } from '../support/network-namespace.js'

const reason = whyNoNamespaces('iptables', 'ip')
const variants = ['nft', 'legacy'].filter((one) => whyNoNamespaces(`iptables-${one}-restore`) === undefined)
const plugins = '/usr/lib/cni'
const noPlugins = reason ?? (existsSync(`${plugins}/portmap`) ? undefined : 'no CNI plug-ins')

/** What an operator has, who lets nobody in but administrators. */
const users = `*filter
:INPUT DROP [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:KUBE-ADMINS - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -p tcp -m tcp --dport 22 -m comment --comment "ssh for KUBE-admins" -j ACCEPT
-A INPUT -s 10.1.0.0/16 -p tcp -m tcp --dport 6443 -m comment --comment "office to KUBE-API" -j ACCEPT
-A INPUT -m comment --comment "-j KUBE-FIREWALL" -j KUBE-ADMINS
-A KUBE-ADMINS -s 10.2.0.0/16 -m comment --comment "CNI- and \\"KUBE-SERVICES\\"" -j ACCEPT
COMMIT
`
/** What kube-proxy and the kubelet put beside it. */
const kubernetes = `*filter
:KUBE-FIREWALL - [0:0]
:KUBE-SERVICES - [0:0]
:KUBE-FORWARD - [0:0]
-I INPUT 1 -j KUBE-FIREWALL
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A OUTPUT -m conntrack --ctstate NEW -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-FIREWALL -m mark --mark 0x8000/0x8000 -j DROP
COMMIT
*nat
:KUBE-SERVICES - [0:0]
:KUBE-MARK-MASQ - [0:0]
:KUBE-SVC-NPX46M4PTMTKRN6Y - [0:0]
:KUBE-SEP-23Y66C2VAJ3WDEMI - [0:0]
-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A OUTPUT -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
-A KUBE-SERVICES -d 10.96.0.1/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y
-A KUBE-SVC-NPX46M4PTMTKRN6Y -j KUBE-SEP-23Y66C2VAJ3WDEMI
-A KUBE-SEP-23Y66C2VAJ3WDEMI -s 10.0.0.1/32 -j KUBE-MARK-MASQ
-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
COMMIT
`
/** flannel's, as its versions from 0.21 on leave them (test of its e2e), and as 0.20 did, straight in chains of the kernel. */
const flanneld = `*filter
:FLANNEL-FWD - [0:0]
-A FORWARD -m comment --comment "flanneld forward" -j FLANNEL-FWD
-A FORWARD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FORWARD -d 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FLANNEL-FWD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
*nat
:FLANNEL-POSTRTG - [0:0]
-A POSTROUTING -m comment --comment "flanneld masq" -j FLANNEL-POSTRTG
-A POSTROUTING -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A POSTROUTING -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j RETURN
-A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A POSTROUTING ! -s 10.244.0.0/16 -d 10.244.1.0/24 -m comment --comment "flanneld masq" -j RETURN
-A POSTROUTING ! -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
-A FLANNEL-POSTRTG -m mark --mark 0x4000/0x4000 -m comment --comment "flanneld masq" -j RETURN
-A FLANNEL-POSTRTG -s 10.244.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE --random-fully
COMMIT
`
/** Rules of others that look like those. */
const others = `*filter
-A FORWARD -s 10.99.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
-A FORWARD -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j DROP
-A FORWARD -s 10.244.0.0/16 -j ACCEPT
-A FORWARD -s 10.244.0.0/16 -p tcp -m comment --comment "flanneld forward" -j ACCEPT
-A INPUT -s 10.244.0.0/16 -m comment --comment "flanneld forward" -j ACCEPT
COMMIT
*nat
-A POSTROUTING -s 10.244.0.0/16 -m comment --comment "not flanneld masq" -j MASQUERADE
-A POSTROUTING -s 10.99.0.0/16 ! -d 224.0.0.0/4 -m comment --comment "flanneld masq" -j MASQUERADE
-A POSTROUTING -m comment --comment "flanneld masq" -j RETURN
COMMIT
`
const hostPorts = (
  address: string,
  ...more: string[]
): string => `add table ip cni_hostport { comment "CNI portmap plugin" ; }
add chain ip cni_hostport hostports
add chain ip cni_hostport hostip_hostports
add chain ip cni_hostport prerouting { type nat hook prerouting priority dstnat ; }
add chain ip cni_hostport masquerading { type nat hook postrouting priority srcnat ; }
add rule ip cni_hostport prerouting jump hostip_hostports
add rule ip cni_hostport prerouting jump hostports
add rule ip cni_hostport hostports tcp dport 8080 dnat to ${address}:80 comment "dnat to 10.77.0.1:1"
add rule ip cni_hostport hostip_hostports ip daddr 192.0.2.1 udp dport 53 dnat to ${address}:53 comment "c"
add rule ip cni_hostport masquerading ip saddr 127.0.0.1 ip daddr ${address} masquerade comment "c"
${more.join('\n')}
`
const rulesOnly = (saved: string): string =>
  saved
    .split('\n')
    .filter((line) => /^(?:\*|:|-A)/.test(line))
    .map((line) => line.replace(/\[.*$/, ''))
    .join('\n')

describe.skipIf(reason !== undefined)(`netfilter at a reset${reason ? ` (skipped: ${reason})` : ''}`, () => {
  let net: NetworkNamespace
  let left: string[]
  const ledger = async () => [{ kind: 'tree' as const, subject: '/var/lib/kubelet', detail: '' }]
  const step = (network: Network) => {
    const own = { ...machine(), host: net.host }
    return netfilterStep(contextOf([own], { network }), own, ledger, (_host, what) => left.push(what), [])
  }
  const reset = async (network: Network = bridge): Promise<void> => {
    const one = step(network)
    await applyNow(one)
    expect(one.diff(await one.probe())).toEqual([])
  }
  beforeEach(async () => {
    net = await networkNamespace()
    left = []
  })
  afterEach(() => net.remove())

  test.each(variants)(
    'an operator with INPUT policy DROP keeps SSH, whatever the comments of the rules say (iptables-%s)',
    async (variant) => {
      net.sh(`iptables-${variant}-restore`, [], users)
      const before = rulesOnly(net.sh(`iptables-${variant}-save -t filter`))
      net.sh(`iptables-${variant}-restore --noflush`, [], kubernetes)
      await reset()
      expect(rulesOnly(net.sh(`iptables-${variant}-save -t filter`))).toBe(before)
      expect(net.sh(`iptables-${variant}-save -t nat`)).not.toContain('KUBE-')
      expect(left).toEqual([`chain KUBE-ADMINS (iptables-${variant}, filter)`])
    },
  )

  test.each(variants)(
    'a rule that somebody adds between the look and the deletion stays (iptables-%s)',
    async (variant) => {
      net.sh(`iptables-${variant}-restore --noflush`, [], kubernetes)
      const seen = readNetfilter(net.sh(lookScript), bridge)
      net.sh(`iptables-${variant} -I INPUT 1 -p tcp --dport 2222 -j ACCEPT; iptables-${variant} -N THEIRS`)
      for (const { program, text } of seen.removals) net.sh(deleteScript, [program], text)
      const saved = net.sh(`iptables-${variant}-save`)
      expect(saved).toContain('--dport 2222 -j ACCEPT')
      expect(saved).toContain(':THEIRS ')
      expect(saved).not.toContain('KUBE-')
    },
  )

  test.each(variants)(
    'looks again when what it saw is gone by the time it is to be deleted (iptables-%s)',
    async (variant) => {
      net.sh(`iptables-${variant}-restore --noflush`, [], kubernetes)
      const { mutate } = net.host
      let first = true
      net.host.mutate = async (command) => {
        if (first) net.sh(`iptables-${variant} -D INPUT -j KUBE-FIREWALL`)
        first = false
        return mutate(command)
      }
      await reset()
      expect(net.sh(`iptables-${variant}-save`)).not.toContain('KUBE-')
    },
  )

  test.each(variants)(
    "flannel's chains and rules go, those that others wrote beside them stay (iptables-%s)",
    async (variant) => {
      net.sh(`iptables-${variant}-restore`, [], others)
      const before = rulesOnly(net.sh(`iptables-${variant}-save`))
      net.sh(`iptables-${variant}-restore --noflush`, [], flanneld)
      // to a cluster with another network they are somebody else's
      const foreign = rulesOnly(net.sh(`iptables-${variant}-save`))
      await reset(bridge)
      expect(rulesOnly(net.sh(`iptables-${variant}-save`))).toBe(foreign)
      await reset(flannel)
      expect(rulesOnly(net.sh(`iptables-${variant}-save`))).toBe(before)
    },
  )

  describe.skipIf(whyNoNamespaces('nft') !== undefined)('tables of nftables', () => {
    test('of flannel go with a cluster that has it, and with no other', async () => {
      net.sh(
        'nft -f -',
        [],
        'add table ip flannel-ipv4\nadd table ip6 flannel-ipv6\nadd table inet flannel-ipv4\n',
      )
      await reset(bridge)
      expect(net.sh('nft list tables').split('\n')).toHaveLength(4)
      await reset(flannel)
      expect(net.sh('nft list tables')).toBe('table inet flannel-ipv4\n')
    })

    test("of portmap goes when all its host ports are of the cluster's Pods, also where nft is alone", async () => {
      net.sh('nft -f -', [], hostPorts('10.244.1.7'))
      const alone = readNetfilter(`@nft\n${net.sh('nft -a list ruleset')}@end\n`, {
        ...flannel,
        podSubnet: '10.244.0.0/16',
      })
      expect(alone.removals).toEqual([{ program: 'nft', text: 'delete table ip cni_hostport\n' }])
      await reset(flannel)
      expect([net.sh('nft list tables'), left]).toEqual(['', []])
    })

    test("of portmap keeps other containers' host ports, which are told", async () => {
      const theirs = 'add rule ip cni_hostport hostports tcp dport 9090 dnat to 10.88.0.2:90 comment "podman"'
      net.sh('nft -f -', [], hostPorts('10.244.1.7', theirs))
      await reset(flannel)
      const after = net.sh('nft list table ip cni_hostport')
      expect(after).toContain('dnat to 10.88.0.2:90')
      expect(after).toContain('jump hostports')
      expect(after).not.toContain('10.244.1.7')
      expect(left).toEqual(['table ip cni_hostport (nft): host ports of other containers'])
    })

    test('of portmap with a chain that is not its own is kept', async () => {
      net.sh('nft -f -', [], hostPorts('10.244.1.7', 'add chain ip cni_hostport mine'))
      await reset(flannel)
      expect(net.sh('nft list table ip cni_hostport')).toContain('chain mine')
    })

    test('of portmap, of IPv6', async () => {
      net.sh(
        'nft -f -',
        [],
        'add table ip6 cni_hostport\nadd chain ip6 cni_hostport hostports\nadd rule ip6 cni_hostport hostports tcp dport 1 dnat to [fd00::5]:80\n',
      )
      await reset(flannel)
      expect(net.sh('nft list tables')).toBe('table ip6 cni_hostport\n')
      const own = readNetfilter(`@nft\n${net.sh('nft -a list ruleset')}@end\n`, {
        ...flannel,
        podSubnet: 'fd00::/64',
      })
      expect(own.removals[0]?.text).toBe('delete table ip6 cni_hostport\n')
    })
  })

  test('both variants are looked at: kube-proxy uses the one of its image', async () => {
    for (const variant of variants) net.sh(`iptables-${variant}-restore --noflush`, [], kubernetes)
    await reset()
    for (const variant of variants) expect(net.sh(`iptables-${variant}-save`)).not.toContain('KUBE-')
  })

  test('rules of IPv6 go too', async () => {
    net.sh('ip6tables -N KUBE-FORWARD && ip6tables -A FORWARD -j KUBE-FORWARD')
    await reset()
    expect(net.sh('ip6tables-save')).not.toContain('KUBE-')
  })

  test.skipIf(whyNoNamespaces('nft') !== undefined)(
    "the tables of kube-proxy's nftables mode go, and no others",
    async () => {
      net.sh(
        'nft -f -',
        [],
        'add table ip kube-proxy\nadd chain ip kube-proxy services\nadd table inet mine\nadd chain inet mine kube-proxy\n',
      )
      await reset()
      expect(net.sh('nft list tables')).toBe('table inet mine\n')
    },
  )

  test.skipIf(whyNoNamespaces('nft') !== undefined)(
    'without iptables on the host rules are deleted by their handles',
    async () => {
      net.sh('iptables-nft-restore', [], users)
      const before = rulesOnly(net.sh('iptables-nft-save -t filter'))
      net.sh('iptables-nft-restore --noflush', [], kubernetes)
      const seen = readNetfilter(`@nft\n${net.sh('nft -a list ruleset')}@end\n`, bridge)
      expect(seen.removals.map(({ program }) => program)).toEqual(['nft'])
      for (const { program, text } of seen.removals) net.sh(deleteScript, [program], text)
      expect(rulesOnly(net.sh('iptables-nft-save -t filter'))).toBe(before)
      expect(net.sh('iptables-nft-save')).not.toContain(':KUBE-S')
    },
  )

  test.skipIf(noPlugins !== undefined)(
    "the chains that real CNI plug-ins made for another's network stay, those of ours go",
    async () => {
      const state = mkdtempSync(join(tmpdir(), 'ks-cni-'))
      const pods: NetworkNamespace[] = []
      try {
        for (const [n, name] of ['kubestrap-bridge', 'podman'].entries()) {
          const pod = await networkNamespace()
          pods.push(pod)
          const ipam = { type: 'host-local', dataDir: state, subnet: `10.9${n}.0.0/24` }
          const common = { cniVersion: '0.4.0', name, capabilities: { portMappings: true } }
          const env = `CNI_COMMAND=ADD CNI_CONTAINERID=c0ffee${n} CNI_NETNS=${pod.path} CNI_IFNAME=eth0 CNI_PATH=${plugins}`
          const made: object = JSON.parse(
            net.sh(
              `${env} ${plugins}/bridge`,
              [],
              JSON.stringify({
                ...common,
                type: 'bridge',
                bridge: `br${n}`,
                isGateway: true,
                ipMasq: true,
                ipam,
              }),
            ),
          )
          const portMappings = [{ hostPort: 8080 + n, containerPort: 80, protocol: 'tcp' }]
          net.sh(
            `${env} ${plugins}/portmap`,
            [],
            JSON.stringify({ ...common, type: 'portmap', runtimeConfig: { portMappings }, prevResult: made }),
          )
        }
        const before = net.sh('iptables-save -t nat')
        expect(before.match(/"kubestrap-bridge\\"/g)?.length).toBeGreaterThan(1)
        await reset()
        const after = net.sh('iptables-save -t nat')
        expect(after).not.toContain('kubestrap-bridge')
        const podmans = (text: string) => text.split('\n').filter((line) => line.includes('podman'))
        expect(podmans(after)).toEqual(podmans(before))
        expect(after).toContain('--dport 8081')
        expect(after).toContain(':CNI-HOSTPORT-DNAT')
        expect(left.some((what) => what.startsWith('chain CNI-DN-'))).toBe(true)
      } finally {
        for (const pod of pods) pod.remove()
        rmSync(state, { recursive: true })
      }
    },
  )
})
