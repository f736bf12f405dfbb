import { describe, expect, it } from 'vitest'
import { UserError } from '../../../src/lib/errors.js'
import { changed, decode, good, problemsOf, said } from './support.js'

const aboutVersion =
  'Kubernetes version, quoted: "1.20.2". Default: the newest that was tested, for a new cluster; an existing cluster keeps its version.'
const aboutRoles =
  'control-plane, worker, or both (a control plane node that also runs workloads); etcd, on hosts that are not nodes; load-balancer, alone or with any other role.'
const hostKeys =
  'known keys: address, groups, roles, connection, ssh, os, timeSync, firewall, state, labels, taints, kubelet'
const needsAddress =
  "add address: IP address: the node's InternalIP, and the address SSH connects to unless ssh.host is set."
const notAnAddress = 'is not an IP address → use an address such as 10.0.0.11 (names are not resolved)'
const notAnEndpoint =
  'is not host:port → use a DNS name or IP address and a port, such as api.example.com:6443'
const notASubnet = 'is not a subnet → use address/prefix, such as'
const sizes = 'use a subnet of 16 to 2^20 addresses, such as 10.96.0.0/12'
const labelDocs = 'see "Labels and Selectors" in the Kubernetes documentation'
const labelChars = 'must consist of letters, digits, -, _ or ., at most 63'
const directory =
  'an absolute path of letters, digits, ".", "_", "-", "+" and "@", without "..", that is no directory of the system: /var/lib/etcd'
const taintForm = 'key=value:Effect or key:Effect, Effect one of NoSchedule, PreferNoSchedule, NoExecute'

/** Further top-level keys; they come to stand on line 7. */
const adding = (lines: string): string => changed('binaries:', `${lines}\nbinaries:`)

const version = (written: string): string => changed('"1.20.2"', written)

/** So many hosts more. */
const nodes = (count: number): string =>
  Array.from(
    { length: count },
    (_, i) => `  n${i}: { address: 198.18.${i >> 8}.${i & 255}, roles: [worker] }\n`,
  ).join('')

/** What is wrong, the text, and everything that is said. */
const table: Readonly<Record<string, readonly [title: string, text: string, ...said: string[]][]>> = {
  'the version': [
    [
      'a number',
      version('1.20'),
      `2:12: kubernetes.version is the number 1.20, not a string → quote it: version: "1.20"`,
    ],
    [
      'a number before a comment',
      version('1.20 # old'),
      `2:12: kubernetes.version is the number 1.20, not a string → quote it: version: "1.20"`,
    ],
    [
      'a boolean',
      version('true'),
      `2:12: kubernetes.version is the boolean true, not a string → quote it: version: "true"`,
    ],
    [
      'a list',
      version('[1, 20]'),
      `2:12: kubernetes.version is a list, should be a string → ${aboutVersion}`,
    ],
    ['nothing', version(''), `2:11: kubernetes.version is empty, should be a string → ${aboutVersion}`],
    ['null', version('null'), `2:12: kubernetes.version is empty, should be a string → ${aboutVersion}`],
    [
      'a minor alone',
      version('"1.20"'),
      '2:12: "1.20" is not a version → use three numbers, quoted: version: "1.20.2"',
    ],
    [
      'a pre-release',
      version('"1.20.2-rc.1"'),
      '2:12: "1.20.2-rc.1" is not a version → use three numbers, quoted: version: "1.20.2"',
    ],
    [
      'a minor we do not know',
      version('"1.19.3"'),
      '2:12: Kubernetes 1.19 is not supported → set kubernetes.version to a version of 1.20, 1.36',
    ],
    [
      'one the chosen runtime cannot serve',
      changed('binaries:', 'runtime: docker\nbinaries:', version('"1.36.2"')),
      '7:10: runtime docker is not supported → containerd serves it',
    ],
  ],
  'unknown keys': [
    [
      'at the top, close to a known one',
      changed('networking:', 'networkin:'),
      '4:1: unknown key networkin → did you mean networking?',
    ],
    [
      'in a section',
      changed('podSubnet', 'podSubnets'),
      '5:3: unknown key podSubnets → did you mean podSubnet?',
    ],
    ['in a host', changed('labels:', 'lables:'), '14:5: unknown key lables → did you mean labels?'],
    [
      'in a host’s ssh',
      changed('roles: [worker]', 'roles: [worker]\n    ssh: { prt: 22 }'),
      '14:12: unknown key prt → did you mean port?',
    ],
    [
      'close to none',
      changed('roles: [control-plane]', 'roles: [control-plane], colour: red'),
      `10:55: unknown key colour → ${hostKeys}`,
    ],
    [
      'a merge key',
      changed('    roles: [worker]', '    <<: { a: 1 }\n    roles: [worker]'),
      '13:5: YAML 1.2 has no merge key << → settings that hosts share: defaults: for all of them, groups: { NAME: … } and groups: [NAME] for some; other files: include: [FILE]',
    ],
  ],
  'missing parts': [
    [
      'a section',
      changed('binaries:\n  bundle: ./bundle\n', 'binaries: {}\n'),
      '7:11: binaries.bundle is missing → add bundle: Directory with bundle.json, created by kubestrap bundle create; ~ and paths relative to this file.',
    ],
    [
      'a key',
      changed('  bundle: ./bundle\n', `  sha256: ${'a'.repeat(64)}\n`),
      '8:3: binaries.bundle is missing → add bundle: Directory with bundle.json, created by kubestrap bundle create; ~ and paths relative to this file.',
    ],
    [
      'a host’s roles',
      changed('    roles: [worker]\n', ''),
      '11:3: w1 has no roles → set roles: [worker] or [control-plane] for the host, in one of its groups, or in defaults',
    ],
    [
      'a host’s address, misspelt',
      changed('address: 192.0.2.21', 'adress: 192.0.2.21'),
      `12:5: hosts.w1.address is missing → ${needsAddress}`,
      '12:5: unknown key adress → did you mean address?',
    ],
    ['everything', '', '1:1: the inventory is missing → kubestrap inventory'],
    [
      'everything but a comment',
      '# hello\n',
      '2:1: the inventory is empty, should be a mapping → kubestrap inventory',
    ],
    ['every section', '{}', '1:1: hosts is missing → add hosts: The hosts, by node name.'],
  ],
  types: [
    ['a list for the whole', '[]', '1:1: the inventory is a list, should be a mapping → kubestrap inventory'],
    [
      'a number for a section',
      changed('binaries:\n  bundle: ./bundle', 'binaries: 5'),
      '7:11: binaries is the number 5, should be a mapping → A bundle of programs and images, for hosts that download nothing. Default: none; see sources.',
    ],
    [
      'a string for a list',
      changed('[worker]', 'worker'),
      `13:12: hosts.w1.roles is the string worker, should be a list → ${aboutRoles}`,
    ],
    [
      'no role',
      changed('[worker]', '[]'),
      `13:12: hosts.w1.roles: too small: expected array to have >=1 items → ${aboutRoles}`,
    ],
    [
      'a role close to one',
      changed('[worker]', '[worker, controlplane]'),
      '13:21: hosts.w1.roles.1 cannot be "controlplane" → did you mean control-plane? (control-plane, worker, etcd, load-balancer)',
    ],
    [
      'a role close to none',
      changed('[worker]', '[minion]'),
      '13:13: hosts.w1.roles.0 cannot be "minion" → one of: control-plane, worker, etcd, load-balancer',
    ],
    [
      'a wrong item behind an empty one',
      changed('[worker]', '\n    -\n    - minion'),
      '14:5: hosts.w1.roles.0 cannot be null → one of: control-plane, worker, etcd, load-balancer',
      '15:7: hosts.w1.roles.1 cannot be "minion" → one of: control-plane, worker, etcd, load-balancer',
    ],
    [
      'a number for a label',
      changed('{ disk: ssd }', '{ disk: 5 }'),
      '14:21: hosts.w1.labels.disk is the number 5, not a string → quote it: disk: "5"',
    ],
    [
      'YAML 1.1’s yes',
      adding('dns: { enabled: yes }'),
      '7:17: dns.enabled is the string yes, should be true or false → CoreDNS as an add-on. Default true.',
    ],
    [
      'a port out of range, and a choice',
      adding('ssh: { port: 70000, hostKeys: acceptnew }'),
      '7:14: ssh.port: too big: expected number to be <=65535 → Port of sshd. Default: that of the SSH configuration, else 22.',
      '7:31: ssh.hostKeys cannot be "acceptnew" → did you mean accept-new? (strict, accept-new)',
    ],
    [
      'a relative data directory',
      adding('etcd: { dataDir: var }'),
      `7:18: "var" is not a directory that can be taken → ${directory}`,
    ],
    [
      'another kind of component configuration',
      adding('kubelet: { config: { kind: Kubelet, apiVersion: v1 } }'),
      '7:28: kind is Kubelet → remove it, or use kind: KubeletConfiguration',
      '7:49: apiVersion is v1 → remove it',
    ],
    [
      'the lab’s gateway and bridge',
      adding('lab: { gateway: 10.88.0.1, bridge: kubestrap-bridge0 }'),
      '7:17: "10.88.0.1" is not an address with prefix → use an address with prefix, such as 10.88.0.1/24',
      '7:36: "kubestrap-bridge0" is not the name of a network interface → as ip link shows it: letters, digits, ".", "_" and "-", at most 15',
    ],
  ],
  'the text itself': [
    [
      'a key twice',
      changed('./bundle', './bundle\n  bundle: x'),
      '9:3: this key occurs twice → keep one of the two',
    ],
    ['a host twice', changed('  w1:', '  cp1:'), '11:3: this key occurs twice → keep one of the two'],
    [
      'a list without end',
      adding('runtime: ['),
      '9:9: not YAML: missed comma between flow collection entries → check the indentation and the quotes around this place',
    ],
    [
      'a tab for indentation',
      changed('  podSubnet', '\tpodSubnet'),
      '5:1: not YAML: tab characters must not be used in indentation → check the indentation and the quotes around this place',
    ],
    [
      'a value that contains itself',
      adding('kubelet:\n  config: &c { a: *c }'),
      '8:16: this value contains itself → remove it, or write less of it; check that it is the right file',
    ],
    [
      'a host that libraries drop',
      changed('  w1:', '  __proto__:'),
      '11:3: a key cannot be called __proto__ → remove it, or write less of it; check that it is the right file',
    ],
  ],
  hosts: [
    [
      'none',
      changed(good.slice(good.indexOf('hosts:')), 'hosts: {}\n'),
      '9:8: hosts is empty → add at least one host with roles: [control-plane]',
    ],
    [
      'no control plane',
      changed('[control-plane]', '[worker]'),
      '10:3: no host has the role control-plane → give a host the role: roles: [control-plane]',
    ],
    [
      'two control planes that nothing tells where to ask',
      changed('  controlPlaneEndpoint: api.example.com:6443\n', '', changed('[worker]', '[control-plane]')),
      '12:12: w1 is a second control plane node, and there is no endpoint in front of all control plane nodes → set kubernetes.controlPlaneEndpoint to a name and a port, such as api.example.com:6443; an existing cluster with cp1 alone keeps its certificates with 192.0.2.11:6443',
    ],
    [
      'names that differ in case',
      changed('  w1:', '  CP1:'),
      '11:3: CP1 and cp1 are the same node name → use names that differ in more than case',
    ],
    [
      'a name Kubernetes refuses',
      changed('  w1:', '  w_1:'),
      '11:3: "w_1" cannot be a node name → letters, digits, - and . only (RFC 1123), at most 63',
    ],
    [
      'the same address',
      changed('192.0.2.21', '192.0.2.11'),
      '12:14: w1 and cp1 have the same address → give each host its own address',
    ],
    [
      'the same IPv6 address, spelt otherwise',
      changed('192.0.2.11', '"2001:DB8::1"', changed('192.0.2.21', '2001:db8:0::1')),
      '12:14: w1 and cp1 have the same address → give each host its own address',
    ],
    ['leading zeros', changed('192.0.2.21', '192.0.2.021'), `12:14: "192.0.2.021" ${notAnAddress}`],
    ['a byte too large', changed('192.0.2.21', '192.0.2.256'), `12:14: "192.0.2.256" ${notAnAddress}`],
    ['three bytes', changed('192.0.2.21', '192.0.2'), `12:14: "192.0.2" ${notAnAddress}`],
    [
      'a name for an address',
      changed('192.0.2.21', 'worker.example.com'),
      `12:14: "worker.example.com" ${notAnAddress}`,
    ],
    [
      'a label’s name',
      changed('{ disk: ssd }', '{ "a b": ssd }'),
      `14:22: label a b=ssd: the name ${labelChars} → ${labelDocs}`,
    ],
    [
      'a label’s prefix',
      changed('{ disk: ssd }', '{ "-/x": y }'),
      `14:22: label -/x=y: the part before / is not a DNS name → ${labelDocs}`,
    ],
    [
      'a label’s value',
      changed('{ disk: ssd }', '{ disk: "a b" }'),
      `14:21: label disk=a b: the value ${labelChars} → ${labelDocs}`,
    ],
    [
      'a taint without effect',
      changed('dedicated=batch:NoSchedule', 'dedicated=batch'),
      `15:14: "dedicated=batch" is not a taint → ${taintForm}`,
    ],
    [
      'a taint with an effect of its own',
      changed('dedicated=batch:NoSchedule', 'a:NoSched'),
      `15:14: "a:NoSched" is not a taint → ${taintForm}`,
    ],
  ],
  networking: [
    [
      'host bits',
      changed('10.244.0.0/16', '10.244.0.1/16'),
      '5:14: 10.244.0.1/16 has host bits set → podSubnet: 10.244.0.0/16',
    ],
    [
      'host bits of IPv6',
      changed('10.244.0.0/16', 'fd00:2::1/48', changed('10.96.0.0/12', 'fd00:1::1/112')),
      '5:14: fd00:2::1/48 has host bits set → podSubnet: fd00:2::/48',
      '6:18: fd00:1::1/112 has host bits set → serviceSubnet: fd00:1::/112',
    ],
    ['no prefix', changed('10.244.0.0/16', '10.244.0.0'), `5:14: "10.244.0.0" ${notASubnet} 10.244.0.0/16`],
    [
      'a prefix too long',
      changed('10.96.0.0/12', '10.96.0.0/33'),
      `6:18: "10.96.0.0/33" ${notASubnet} 10.96.0.0/12`,
    ],
    [
      'an overlap',
      changed('10.244.0.0/16', '10.100.0.0/16'),
      '6:18: pod subnet 10.100.0.0/16 and service subnet 10.96.0.0/12 overlap → use two subnets that do not overlap',
    ],
    [
      'an overlap with a default',
      changed('  serviceSubnet: 10.96.0.0/12\n', '', changed('10.244.0.0/16', '10.100.0.0/16')),
      '5:14: pod subnet 10.100.0.0/16 and service subnet 10.96.0.0/12 overlap → use two subnets that do not overlap',
    ],
    [
      'two families',
      changed('10.96.0.0/12', 'fd00:1::/112'),
      '6:18: pod subnet 10.244.0.0/16 and service subnet fd00:1::/112 are of different address families → use IPv4 for both, or IPv6 for both',
    ],
    [
      'services: too many addresses',
      changed('10.96.0.0/12', '10.0.0.0/11'),
      `6:18: 10.0.0.0/11 is too large for a service subnet → ${sizes}`,
    ],
    [
      'services: too few',
      changed('10.96.0.0/12', '10.96.0.0/29'),
      `6:18: 10.96.0.0/29 is too small for a service subnet → ${sizes}`,
    ],
    ['services: just enough', changed('10.96.0.0/12', '10.96.0.0/28')],
    [
      'pods: no block for each node',
      changed('10.244.0.0/16', '10.244.0.0/24'),
      '5:14: 10.244.0.0/24 has room for 1 nodes (a /24 each), there are 2 → use a larger subnet, with a prefix of at most /23, such as 10.244.0.0/23',
    ],
    [
      'pods: not one block',
      changed('10.244.0.0/16', '10.244.0.0/25'),
      '5:14: 10.244.0.0/25 has room for 0 nodes (a /24 each), there are 2 → use a larger subnet, with a prefix of at most /23, such as 10.244.0.0/23',
    ],
    ['pods: just enough', changed('10.244.0.0/16', '10.244.0.0/23')],
    [
      'pods: the default, for more nodes than it holds',
      `${good}${nodes(500)}`,
      '5:14: 10.244.0.0/16 has room for 256 nodes (a /24 each), there are 502 → use a larger subnet, with a prefix of at most /15, such as 10.244.0.0/15',
    ],
    [
      'pods: what is proposed for them is taken',
      changed('10.244.0.0/16', '10.244.0.0/15', `${good}${nodes(500)}`),
    ],
    [
      'pods: no subnet is proposed that would hold a host',
      changed('10.244.0.0/16', '192.0.3.0/24', changed('192.0.2.21', '198.51.100.21')),
      '5:14: 192.0.3.0/24 has room for 1 nodes (a /24 each), there are 2 → use a larger subnet, with a prefix of at most /23',
    ],
    [
      'a host in the pod subnet',
      changed('192.0.2.21', '10.244.3.4'),
      '12:14: 10.244.3.4 is in the pod subnet 10.244.0.0/16 → use another networking.podSubnet',
    ],
    [
      'a host in the service subnet',
      changed('192.0.2.21', '10.111.255.255'),
      '12:14: 10.111.255.255 is in the service subnet 10.96.0.0/12 → use another networking.serviceSubnet',
    ],
    ['a host next to the service subnet', changed('192.0.2.21', '10.112.0.0')],
    [
      'the DNS domain',
      changed('podSubnet: 10.244.0.0/16', 'dnsDomain: Cluster.Local'),
      '5:14: "Cluster.Local" is not a DNS domain → use a domain such as cluster.local',
    ],
  ],
  'the endpoint': [
    'api.example.com',
    'api.example.com:0',
    'api.example.com:70000',
    'https://api:6443',
    '192.0.2.300:6443',
    '-api:6443',
  ].map((written) => [
    written,
    changed('api.example.com:6443', written),
    `3:25: "${written}" ${notAnEndpoint}`,
  ]),
  'an endpoint that is good': ['api:1', '192.0.2.9:65535', '"[2001:db8::1]:6443"'].map((written) => [
    written,
    changed('api.example.com:6443', written),
  ]),
  arguments: [
    [
      'dashes',
      adding('apiServer:\n  extraArgs:\n    --v: "4"\n    -x: "5"'),
      '9:5: "--v" is not the name of a flag → v',
      '10:5: "-x" is not the name of a flag → x',
    ],
    [
      'dashes at a host',
      changed('roles: [worker]', 'roles: [worker]\n    kubelet: { extraArgs: { --v: "4" } }'),
      '14:29: "--v" is not the name of a flag → v',
    ],
    [
      'a number',
      adding('scheduler:\n  extraArgs: { v: 4 }'),
      '8:19: scheduler.extraArgs.v is the number 4, not a string → quote it: v: "4"',
    ],
    [
      'a name no certificate takes',
      adding('apiServer:\n  certSANs: [a, "b c", "*.c"]'),
      '8:17: "b c" is neither a DNS name nor an IP address → use a name such as api.example.com',
    ],
  ],
  choices: [
    [
      'of runtime and network',
      adding('runtime: dokcer\nnetwork: flanel'),
      '7:10: unknown runtime dokcer → did you mean docker? one of: docker, containerd',
      '8:10: unknown network flanel → did you mean flannel? one of: bridge, cilium, flannel',
    ],
    [
      'of a Debian for a machine that is not there',
      adding('lab: { gateway: 192.0.2.1/24, suites: { w2: trixie } }'),
      '7:41: no host is called w2 → did you mean w1?',
    ],
    [
      'of a backend of flannel for another network',
      adding('network: bridge\nflannel: { backend: host-gw }'),
      '8:1: flannel has no effect with network bridge → remove it, or set network: flannel',
    ],
  ],
}

describe.each(Object.entries(table))('problems of %s', (_, cases) => {
  it.each(cases)('%s', (_title, text, ...lines) => {
    expect(said(text)).toEqual(lines.map((line) => `i.yaml:${line}`))
  })
})

describe('several problems', () => {
  const several = changed(
    '[control-plane]',
    '[control-plan]',
    changed('"1.20.2"', '1.20', changed('10.244.0.0/16', '10.244.0.1/16', changed('./bundle', '5'))),
  )

  it('are told at once, of shape and of meaning, in the order of the lines', () => {
    expect(said(several).map((line) => line.split(' ')[0])).toEqual([
      'i.yaml:2:12:',
      'i.yaml:5:14:',
      'i.yaml:8:11:',
      'i.yaml:10:39:',
    ])
  })

  it('say nothing of what was put in place of an ill-formed part', () => {
    // where the stand-in for an address lies
    const pods = changed('10.244.0.0/16', '203.0.0.0/16')
    const text = changed('address: 192.0.2.11', 'address: 5', changed('"1.20.2"', '1.20', pods))
    expect(problemsOf(text).map(({ what }) => what)).toEqual([
      'kubernetes.version is the number 1.20, not a string',
      'hosts.cp1.address is the number 5, not a string',
    ])
  })

  it('are shown up to the hundredth, and the rest is counted', () => {
    const hosts = Array.from(
      { length: 150 },
      (_, i) => `  h${i}: { address: 198.51.100.${i}, roles: [workr] }`,
    ).join('\n')
    const error = caught(() => decode(`${good}${hosts}\n`))
    expect(error).toMatchObject({
      message: 'i.yaml has 150 problems',
      why: expect.stringMatching(/\nand 50 more$/),
    })
  })

  it('make one error whose text has each with its place and remedy', () => {
    const error = caught(() => decode(several))
    expect(error).toBeInstanceOf(UserError)
    expect(error).toMatchObject({
      kind: 'inventory',
      message: 'i.yaml has 4 problems',
      next: 'nothing was changed',
      why: expect.stringContaining(
        '\ni.yaml:5:14: 10.244.0.1/16 has host bits set\n  → podSubnet: 10.244.0.0/16\n',
      ),
    })
  })
})

it('a file of more than 1 MiB is refused unread', () => {
  expect(caught(() => decode(`# ${'x'.repeat(1024 * 1024)}`))).toMatchObject({
    kind: 'inventory',
    message: 'i.yaml is larger than 1 MiB',
  })
})

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
