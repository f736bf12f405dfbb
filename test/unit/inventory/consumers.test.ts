import { describe, expect, it } from 'vitest'
import { changed, decode, good, said } from './support.js'

/** Further top-level keys; they come to stand on line 7. */
const adding = (lines: string): string => changed('binaries:', `${lines}\nbinaries:`)
const named = (name: string): string => changed('  w1:\n', `  ${name}:\n`)
const at = (address: string): string => changed('192.0.2.21', address)
const endpoint = (text: string): string => changed('api.example.com:6443', text)
const taints = (...texts: string[]): string =>
  changed('["dedicated=batch:NoSchedule"]', JSON.stringify(texts))

/** What the last reader of a value would refuse, the text, and what is said instead of waiting for that. */
const refused: Readonly<Record<string, readonly [title: string, text: string, said: string][]>> = {
  'node names': [
    [
      'longer than the label kubernetes.io/hostname',
      named(`${'a'.repeat(32)}.${'b'.repeat(31)}`),
      `11:3: "${'a'.repeat(32)}.${'b'.repeat(31)}" cannot be a node name: it has 64 characters, and the label kubernetes.io/hostname takes 63 → a shorter one`,
    ],
    [
      'the loopback',
      named('localhost'),
      '11:3: "localhost" cannot be a node name: on every machine it stands for the machine itself → a name of its own',
    ],
  ],
  'addresses of hosts': [
    ...(
      [
        ['127.0.0.1', 'a loopback'],
        ['0.0.0.0', 'an unspecified'],
        ['255.255.255.255', 'a broadcast'],
        ['224.0.0.1', 'a multicast'],
        ['169.254.1.1', 'a link-local'],
        ['"::1"', 'a loopback'],
        ['"fe80::1"', 'a link-local'],
        ['"::"', 'an unspecified'],
        ['"ff02::1"', 'a multicast'],
      ] as const
    ).map(
      ([address, kind]) =>
        [
          address,
          at(address),
          `12:14: ${address.replaceAll('"', '')} is ${kind} address, and no kubelet takes it for its node's → an address of the machine at which the other machines reach it, such as 10.0.0.11; where only SSH goes another way: ssh: { host: … }`,
        ] as [string, string, string],
    ),
    [
      'IPv4 in IPv6',
      at('"::ffff:192.0.2.21"'),
      "12:14: ::ffff:192.0.2.21 is an IPv4-mapped address, and no kubelet takes it for its node's → the IPv4 address itself: 10.0.0.11",
    ],
  ],
  'the endpoint': [
    ...['localhost:6443', '127.0.0.1:6443', '"[::1]:6443"', 'api.localhost:6443'].map(
      (text) =>
        [
          text,
          endpoint(text),
          `3:25: ${text
            .replaceAll('"', '')
            .replace(/:6443$/, '')
            .replace(
              /[[\]]/g,
              '',
            )} is each machine itself, and the endpoint is where all of them ask for the API → a DNS name or address that every node reaches, such as api.example.com:6443`,
        ] as [string, string, string],
    ),
    [
      'nowhere',
      endpoint('0.0.0.0:6443'),
      '3:25: 0.0.0.0 is an unspecified address, and nothing can be asked there → a DNS name or address that every node reaches, such as api.example.com:6443',
    ],
  ],
  'ports of the API server': [
    ...(
      [
        [10250, 'the kubelet'],
        [10248, "the kubelet's health"],
        [10249, "kube-proxy's metrics"],
        [10256, "kube-proxy's health"],
        [10257, 'kube-controller-manager'],
        [10259, 'kube-scheduler'],
        [2379, 'etcd, for clients'],
        [2380, 'etcd, for its peers'],
        [2381, "etcd's metrics"],
        [22, 'sshd'],
      ] as const
    ).map(
      ([port, owner]) =>
        [
          String(port),
          adding(`apiServer: { bindPort: ${port} }`),
          `7:24: port ${port} is ${owner} on a control plane → a port that nothing else has there: 6443, the default, or 443`,
        ] as [string, string, string],
    ),
  ],
  taints: [
    [
      'of one key and effect',
      taints('a=1:NoSchedule', 'b:NoSchedule', 'a=2:NoSchedule'),
      '15:46: a with effect NoSchedule is listed twice → one of the two: a node has one taint for each key and effect',
    ],
    [
      "of the node controller's",
      taints('node.kubernetes.io/not-ready:NoExecute'),
      '15:14: taint node.kubernetes.io/not-ready is set and removed by the node controller → another key',
    ],
  ],
  labels: [
    [
      "of the kubelet's",
      changed('disk: ssd', 'kubernetes.io/hostname: other'),
      '14:15: label kubernetes.io/hostname is set by the kubelet, which would restore it → another key',
    ],
  ],
  subnets: [
    [
      'of the loopback',
      changed('10.244.0.0/16', '127.0.0.0/16'),
      '5:14: 127.0.0.0/16 holds loopback, link-local or multicast addresses, which no pod or service can have → a private subnet, such as 10.244.0.0/16',
    ],
    [
      'with more blocks than the controller manager divides them into',
      changed(
        '10.244.0.0/16',
        '"fd00::/40"',
        changed(
          '10.96.0.0/12',
          '"fd01::/112"',
          changed('192.0.2.11', '"2001:db8::11"', at('"2001:db8::21"')),
        ),
      ),
      '5:14: fd00::/40 is too large a pod subnet: the controller manager divides it into /64 blocks, at most 2^16 → a prefix from /48 on, such as 10.244.0.0/16',
    ],
  ],
  'a lease': [
    [
      'longer than a Lease can say',
      adding('scheduler: { leaderElection: { leaseDuration: 600000h } }'),
      '7:47: leaseDuration 600000h is longer than a Lease can say (2^31 - 1 s) → use a duration such as 15s',
    ],
  ],
  'a balancer': [
    [
      'on the port of something else',
      endpoint('api.example.com:10250').replace('binaries:', 'loadBalancer: { type: node-local }\nbinaries:'),
      '3:25: port 10250, where the balancer would listen, is the kubelet on its hosts → another port, such as api.example.com:8443',
    ],
    [
      'with a virtual IP of the loopback',
      adding('loadBalancer: { type: kube-vip, virtualIP: 127.0.0.1 }'),
      "7:44: 127.0.0.1 is not an address that can move between hosts (loopback) → use an unused address in the hosts' network",
    ],
  ],
  'a lab': [
    [
      'whose machines are not on its bridge',
      adding('lab: { gateway: 192.0.2.1/28 }'),
      "12:14: 192.0.2.21 is not in the lab's network 192.0.2.0/28 → an address in 192.0.2.0/28 other than 192.0.2.1, or another lab.gateway",
    ],
    [
      'with a machine that is this side',
      adding('lab: { gateway: 192.0.2.21/24 }'),
      "12:14: 192.0.2.21 is the address of the lab's bridge → an address in 192.0.2.0/24 other than 192.0.2.21, or another lab.gateway",
    ],
    [
      'at the address of the network',
      adding('lab: { gateway: 192.0.2.0/24 }'),
      '7:17: 192.0.2.0/24 is not the address of a machine in an IPv4 network → an address between the first and the last, such as 10.88.0.1/24',
    ],
  ],
}

describe.each(Object.entries(refused))('%s are refused before their reader does', (_, cases) => {
  it.each(cases)('%s', (_title, text, sentence) => {
    // another line moves what stands behind it
    const moved = text.split('\n').length - good.split('\n').length
    const line = Number(sentence.split(':')[0])
    const place = line > 7 && moved > 0 ? sentence.replace(/^\d+/, String(line + moved)) : sentence
    expect(said(text)).toEqual([`i.yaml:${place}`])
  })
})

/** Kinds of values of 4 attacks, each with a place it goes to. */
describe('what would be taken literally by a shell, a unit, a manifest or a path is refused', () => {
  it.each([
    ['etcd: { dataDir: /etc }', 'a directory that can be taken'],
    ['etcd: { dataDir: / }', 'a directory that can be taken'],
    ['etcd: { dataDir: /var/lib }', 'a directory that can be taken'],
    ['etcd: { dataDir: /var/lib/../../etc }', 'a directory that can be taken'],
    ['etcd: { dataDir: "/var/lib/et cd" }', 'a directory that can be taken'],
    ['etcd: { imageTag: "a b" }', "an image's tag"],
    ['dns: { imageTag: "1:2" }', "an image's tag"],
    ['verify: { image: "a b" }', 'an image'],
    ['registries: { "..": { skipVerify: true } }', 'the name of a registry'],
    ['groups: { "a,b": {} }', 'the name of a group'],
    ['ssh: { user: "-oX" }', 'a login name'],
    ['kubelet: { extraArgs: { "a b": x } }', 'the name of a flag'],
    [
      'loadBalancer: { type: kube-vip, virtualIP: 192.0.2.9, interface: "eth0;x" }',
      'the name of a network interface',
    ],
    ['loadBalancer: { type: kube-vip, virtualIP: 192.0.2.9, image: "x y" }', 'an image'],
    ['lab: { gateway: 192.0.2.1/24, bridge: ../x }', 'the name of a network interface'],
  ])('%s', (lines, is) => {
    expect(said(adding(lines))).toEqual([expect.stringContaining(` is not ${is} → `)])
  })

  it.each([
    ['A', '"A" is not a feature gate → Name=true or Name=false, with commas between several'],
    ['A=tru', '"A=tru" is not a feature gate → Name=true or Name=false, with commas between several: A=true'],
    ['A=true;B=true', '"A=true;B=true" is not a feature gate'],
    ['A=true, B b=false', '" B b=false" is not a feature gate'],
  ])('the feature gates %j', (gates, sentence) => {
    expect(said(adding(`apiServer: { extraArgs: { feature-gates: ${JSON.stringify(gates)} } }`))).toEqual([
      expect.stringContaining(`i.yaml:7:42: ${sentence}`),
    ])
  })

  it('a name to dial that a shell would run', () => {
    const text = changed('roles: [control-plane]', 'roles: [control-plane], ssh: { host: "$(touch x)" }')
    expect(said(text)).toEqual([expect.stringContaining('"$(touch x)" is not a name or address to dial')])
  })

  it('a flag of one kubelet that systemd would split', () => {
    const text = changed(
      'roles: [worker]',
      'roles: [worker]\n    kubelet: { extraArgs: { root-dir: "/a b" } }',
    )
    expect(said(text)).toEqual([
      expect.stringContaining('14:39: "/a b" cannot be the value of a flag of the kubelet'),
    ])
  })
})

describe('what was good stays good', () => {
  it.each([
    ['a name of 63 characters', named('a'.repeat(63))],
    ['a data directory that ends with a slash', adding('etcd: { dataDir: /var/lib/etcd/ }')],
    ['a disk of its own for etcd', adding('etcd: { dataDir: /data/etcd }')],
    ['taints of one key with other effects', taints('a=1:NoSchedule', 'a=1:NoExecute')],
    ['a port of its own', adding('apiServer: { bindPort: 443 }')],
    ['a private endpoint of a link', endpoint('169.254.10.1:6443')],
    ['feature gates', adding('scheduler: { extraArgs: { feature-gates: "A=true, B=false,C=1," } }')],
    ['a domain user', adding('ssh: { user: "DOMAIN\\\\ops" }')],
  ])('%s', (_, text) => {
    expect(decode(text).hosts).toHaveLength(2)
  })
})
