import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { bridge } from '../../src/networks/bridge/bridge.js'
import { deleteScript, lookScript, readNetfilter } from '../../src/phases/reset/netfilter/look.js'
import { netfilterStep } from '../../src/phases/reset/netfilter/netfilter-step.js'
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
  const step = () => {
    const own = { ...machine(), host: net.host }
    return netfilterStep(contextOf([own]), own, ledger, (_host, what) => left.push(what), [])
  }
  const reset = async (): Promise<void> => {
    const one = step()
    const changes = one.diff(await one.probe())
    if (changes.length > 0) await one.apply(changes, { progress: () => {} })
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
