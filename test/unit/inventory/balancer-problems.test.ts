import { describe, expect, it } from 'vitest'
import { changed, decode, good, said } from './support.js'

/** The good inventory with a loadBalancer on line 7 and a host lb1 (and lb2) at its end. */
const balanced = (settings: string, extra = '  lb1: { address: 192.0.2.31, roles: [load-balancer] }\n') =>
  `${changed('binaries:', `loadBalancer: ${settings}\nbinaries:`)}${extra}`
const vip = (virtualIP: string, type = 'haproxy'): string =>
  balanced(`{ type: ${type}, virtualIP: ${virtualIP} }`)

describe('a load balancer', () => {
  it.each([
    ['haproxy on a host of its own', balanced('{ type: haproxy }')],
    ['haproxy with a virtual IP', vip('192.0.2.10')],
    [
      'haproxy with everything that can be said of a virtual IP',
      balanced('{ type: haproxy, virtualIP: 192.0.2.10, interface: eth1, routerId: 7 }'),
    ],
    ['the virtual IP as the endpoint', changed('api.example.com:6443', '192.0.2.10:6443', vip('192.0.2.10'))],
    [
      'a balancer as the endpoint',
      changed('api.example.com:6443', '192.0.2.31:6443', balanced('{ type: haproxy }')),
    ],
    [
      'haproxy beside an API server that has another port',
      changed(
        'roles: [control-plane]',
        'roles: [control-plane, load-balancer]',
        balanced('{ type: haproxy }\napiServer: { bindPort: 6444 }', ''),
      ),
    ],
    [
      'haproxy on a worker',
      changed('roles: [worker]', 'roles: [worker, load-balancer]', balanced('{ type: haproxy }', '')),
    ],
    [
      'node-local, the API servers on another port',
      balanced('{ type: node-local }\napiServer: { bindPort: 6444 }', ''),
    ],
    ['kube-vip', balanced('{ type: kube-vip, virtualIP: 192.0.2.10, image: "x:1", interface: eth1 }', '')],
    ['one of the user’s own', balanced('{ type: external }', '')],
    [
      'one of the user’s own by its address',
      changed('api.example.com:6443', '198.51.100.1:443', balanced('{ type: external }', '')),
    ],
  ])('may be %s', (_what, text) => {
    expect(said(text)).toEqual([])
  })

  it.each([
    [
      'a type that is none',
      balanced('{ type: haproxi }'),
      'i.yaml:7:23: unknown load balancer haproxi → did you mean haproxy? one of: haproxy, node-local, kube-vip, external',
    ],
    [
      'a key that is none',
      balanced('{ type: haproxy, virtualIp: 192.0.2.10 }'),
      'i.yaml:7:32: unknown key virtualIp → did you mean virtualIP?',
    ],
    [
      'no hosts for haproxy',
      balanced('{ type: haproxy }', ''),
      'i.yaml:7:23: no host has the role load-balancer, which haproxy requires → give the role to separate hosts, or to control plane nodes: roles: [control-plane, load-balancer]',
    ],
    [
      'a virtual IP that is a host’s',
      vip('192.0.2.21'),
      "i.yaml:7:43: 192.0.2.21 is the address of w1, and a virtual IP moves between hosts → use an unused address in the hosts' network",
    ],
    [
      'a virtual IP that is none',
      vip('api'),
      'i.yaml:7:43: "api" is not an IP address → use an address such as 10.0.0.10',
    ],
    [
      'a virtual IP of another family',
      vip('"2001:db8::1"'),
      "i.yaml:7:43: 2001:db8::1 and 192.0.2.11 are of different address families → use an address in the hosts' network",
    ],
    [
      'a virtual IP among the services',
      vip('10.96.0.9'),
      "i.yaml:7:43: 10.96.0.9 is in networking.serviceSubnet 10.96.0.0/12 → use an address in the hosts' network",
    ],
    [
      'no virtual IP for kube-vip',
      balanced('{ type: kube-vip }', ''),
      "i.yaml:7:1: kube-vip requires a virtualIP → set virtualIP to an unused address in the hosts' network",
    ],
    [
      'a virtual IP for node-local',
      balanced('{ type: node-local, virtualIP: 192.0.2.10 }\napiServer: { bindPort: 6444 }', ''),
      'i.yaml:7:46: node-local does not use a virtual IP → remove it, or use another type',
    ],
    [
      'a router id without a virtual IP',
      balanced('{ type: haproxy, routerId: 7 }'),
      'i.yaml:7:32: routerId applies to a virtual IP, and there is none → set virtualIP too, or remove it',
    ],
    [
      'an image for haproxy',
      balanced('{ type: haproxy, image: x }'),
      'i.yaml:7:32: image has no effect with haproxy → remove it',
    ],
    [
      'an endpoint that is another address than the virtual one',
      changed('api.example.com:6443', '192.0.2.9:6443', vip('192.0.2.10')),
      'i.yaml:3:25: the endpoint is 192.0.2.9, but the virtual IP 192.0.2.10 → use 192.0.2.10:6443, or a name, which then resolves to the virtual IP',
    ],
    [
      'an endpoint that is no balancer’s address',
      changed('api.example.com:6443', '192.0.2.11:6443', balanced('{ type: haproxy }')),
      'i.yaml:3:25: no host with the role load-balancer has the address 192.0.2.11 → use the address of such a host, a name, or loadBalancer.virtualIP',
    ],
    [
      'an address as the endpoint of node-local',
      changed('api.example.com:6443', '192.0.2.11:7443', balanced('{ type: node-local }', '')),
      'i.yaml:3:25: 192.0.2.11 is an IP address, and with node-local each node uses a different one → use a name, such as api.example.com:6443, which resolves to the node itself on each node',
    ],
    [
      'another port than the API servers’ for kube-vip',
      changed(
        'api.example.com:6443',
        'api.example.com:443',
        balanced('{ type: kube-vip, virtualIP: 192.0.2.10 }', ''),
      ),
      "i.yaml:3:25: the endpoint's port is 443, but the API servers listen on the virtual IP of kube-vip at port 6443 → use api.example.com:6443, or apiServer: { bindPort: 443 }",
    ],
    [
      'the API server’s port, on the same machine',
      changed(
        'roles: [control-plane]',
        'roles: [control-plane, load-balancer]',
        balanced('{ type: haproxy }', ''),
      ),
      'i.yaml:3:25: on cp1 the load balancer and the API server would both listen on port 6443 → use another port for the API servers, such as apiServer: { bindPort: 6444 }, or another port in controlPlaneEndpoint',
    ],
    [
      'the API server’s port, on every node',
      balanced('{ type: node-local }\napiServer: { bindPort: 6443 }', ''),
      'i.yaml:8:24: on cp1 the load balancer and the API server would both listen on port 6443 → use another port for the API servers, such as apiServer: { bindPort: 6444 }, or another port in controlPlaneEndpoint',
    ],
    [
      'no endpoint',
      balanced('{ type: haproxy }').replace('  controlPlaneEndpoint: api.example.com:6443\n', ''),
      'i.yaml:1:1: a load balancer requires kubernetes.controlPlaneEndpoint → set controlPlaneEndpoint to a name and a port, such as api.example.com:6443',
    ],
    [
      'a host with the role where nothing balances',
      `${good}  lb1: { address: 192.0.2.31, roles: [load-balancer] }\n`,
      'i.yaml:16:38: lb1 has the role load-balancer, which has no effect → no load balancer is configured: set loadBalancer: { type: haproxy }, or use another role',
    ],
    [
      'a host with the role where the balancer runs elsewhere',
      balanced('{ type: external }'),
      'i.yaml:17:38: lb1 has the role load-balancer, which has no effect → remove the role: external needs no host with it',
    ],
  ])('may not have %s', (_what, text, expected) => {
    expect(said(text)).toEqual([expected])
  })

  it('without a type says that, and nothing that would follow from one', () => {
    expect(said(balanced('{ virtualIP: 192.0.2.10 }'))).toEqual([
      expect.stringMatching(/^i\.yaml:7:1[0-9]*: loadBalancer\.type is missing → add type: haproxy/),
    ])
  })
})

describe('the endpoint’s address', () => {
  it.each([
    ['the first control plane', good, '192.0.2.11'],
    [
      'the endpoint itself, where that is an address',
      changed('api.example.com', '198.51.100.7'),
      '198.51.100.7',
    ],
    ['the first balancer', balanced('{ type: haproxy }'), '192.0.2.31'],
    ['the virtual IP', vip('192.0.2.10'), '192.0.2.10'],
    ['the node itself', balanced('{ type: node-local }\napiServer: { bindPort: 6444 }', ''), '127.0.0.1'],
    [
      'a balancer of the user’s, where the inventory has its address',
      balanced('{ type: external, virtualIP: 198.51.100.7 }', ''),
      '198.51.100.7',
    ],
    ['left to the resolver, where it has not', balanced('{ type: external }', ''), undefined],
  ])('is %s', (_what, text, address) => {
    expect(decode(text).endpointAddress).toBe(address)
  })
})

describe('the router id', () => {
  it.each([
    ['the last byte of the virtual IP', '192.0.2.10', 10],
    ['255 where that is 0, which is no id', '192.0.2.0', 255],
  ])('is %s', (_what, address, id) => {
    expect(decode(vip(address)).loadBalancer).toMatchObject({ virtualIp: address, routerId: id })
  })

  it('is what the inventory says', () => {
    expect(
      decode(balanced('{ type: haproxy, virtualIP: 192.0.2.10, routerId: 7 }')).loadBalancer?.routerId,
    ).toBe(7)
  })
})

it('a balancer takes no share of the pod subnet', () => {
  const narrow = (text: string): string => changed('10.244.0.0/16', '10.244.0.0/23', text)
  expect(said(narrow(balanced('{ type: haproxy }')))).toEqual([])
})
