import { describe, expect, it } from 'vitest'
import { written } from './support.js'

const one = ['10.0.0.11']
const three = ['10.0.0.11', '10.0.0.12', '10.0.0.13']

const chosen = (...args: Parameters<typeof written>) => {
  const { spec, notes } = written(...args)
  const { endpoint, endpointAddress, loadBalancer } = spec
  return {
    is: `${endpoint.host}:${endpoint.port}`,
    at: endpointAddress,
    balancer: loadBalancer?.type,
    vip: loadBalancer?.virtualIp,
    notes,
  }
}

describe('the endpoint', () => {
  it('of one control plane node is that node, and nothing is said of it', () => {
    expect(chosen({ 'control-plane': one })).toEqual({
      is: '10.0.0.11:6443',
      at: '10.0.0.11',
      balancer: undefined,
      vip: undefined,
      notes: [],
    })
  })

  it('of several is a name that stands on each node for a load balancer there, and that is said', () => {
    expect(chosen({ 'control-plane': three })).toMatchObject({
      is: 'api.kubernetes.internal:8443',
      at: '127.0.0.1',
      balancer: 'node-local',
      notes: [
        expect.stringContaining('haproxy on each node forwards it'),
        expect.stringContaining('--server 10.0.0.11:6443'),
      ],
    })
  })

  it('with a load balancer is that host, which is said to be alone', () => {
    expect(chosen({ 'control-plane': three, 'load-balancer': ['10.0.0.5'] })).toMatchObject({
      is: '10.0.0.5:6443',
      at: '10.0.0.5',
      balancer: 'haproxy',
      notes: [expect.anything(), expect.stringContaining('lb1 alone')],
    })
  })

  it('with several and a virtual IP is the virtual IP, by whichever flag it is named', () => {
    const given = { 'control-plane': three, 'load-balancer': ['10.0.0.5', '10.0.0.6'] }
    const expected = { is: '10.0.0.10:6443', at: '10.0.0.10', balancer: 'haproxy', vip: '10.0.0.10' }
    expect(chosen(given, { virtualIp: '10.0.0.10' })).toMatchObject(expected)
    expect(chosen(given, { endpoint: '10.0.0.10' })).toMatchObject(expected)
  })

  it('with several and no virtual IP is a name for the first, so that a virtual IP can be added later', () => {
    expect(chosen({ 'control-plane': three, 'load-balancer': ['10.0.0.5', '10.0.0.6'] })).toMatchObject({
      is: 'api.kubernetes.internal:6443',
      at: '10.0.0.5',
      notes: [
        expect.anything(),
        expect.stringContaining('lb2 would take over with a virtual IP'),
        expect.anything(),
      ],
    })
  })

  it('has another port where a load balancer stands beside an API server', () => {
    expect(chosen({ 'control-plane': three, 'load-balancer': ['10.0.0.11'] })).toMatchObject({
      is: '10.0.0.11:8443',
    })
  })

  it('that is given is kept: a name, an address, with and without a port', () => {
    expect(chosen({ 'control-plane': one }, { endpoint: 'API.example.com' })).toMatchObject({
      is: 'api.example.com:6443',
      balancer: undefined,
    })
    expect(chosen({ 'control-plane': three }, { endpoint: 'api.example.com:443' })).toMatchObject({
      is: 'api.example.com:443',
      at: undefined,
      balancer: 'external',
      notes: [expect.stringContaining('must resolve on every node')],
    })
    expect(chosen({ 'control-plane': three }, { endpoint: '10.0.0.99' })).toMatchObject({
      is: '10.0.0.99:6443',
      balancer: 'external',
    })
    expect(chosen({ 'control-plane': three }, { endpoint: '10.0.0.12:6443' })).toMatchObject({
      balancer: undefined,
      notes: [expect.stringContaining('cp2 alone')],
    })
  })

  it.each([
    [
      { 'control-plane': one },
      { virtualIp: '10.0.0.10' },
      '--virtual-ip requires hosts that the address moves between',
    ],
    [
      { 'control-plane': one, worker: ['w=10.0.0.21'] },
      { endpoint: '10.0.0.21' },
      '--endpoint 10.0.0.21:6443 is w, which is no control plane node',
    ],
    [{ 'control-plane': one }, { endpoint: 'a b' }, '--endpoint a b is not HOST[:PORT]'],
    [
      { 'control-plane': three, 'load-balancer': ['10.0.0.5'] },
      { endpoint: 'x:6443', virtualIp: '10.0.0.5' },
      'these hosts and options do not make a valid inventory',
    ],
  ])('%j with %j: %s', (given, wishes, message) => {
    expect(() => written(given, wishes)).toThrow(expect.objectContaining({ kind: 'usage', message }))
  })
})
