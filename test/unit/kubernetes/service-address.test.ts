import { describe, expect, it } from 'vitest'
import { hostPort, serviceAddress } from '../../../src/kubernetes/service-address.js'

describe('Addresses of services', () => {
  it.each([
    ['10.96.0.0/12', 1, '10.96.0.1'],
    ['10.96.0.0/12', 10, '10.96.0.10'],
    ['10.96.0.250/24', 10, '10.96.0.10'],
    ['fd00:10:96::/112', 10, 'fd00:10:96::a'],
    ['10.96.0.0/16,fd00::/112', 1, '10.96.0.1'],
  ])('in %s number %i is %s', (subnet, n, address) => {
    expect(serviceAddress(subnet, n)).toBe(address)
  })

  it('refuses a subnet that is too small for it', () => {
    expect(() => serviceAddress('10.96.0.0/29', 10)).toThrow('no address number 10')
  })

  it('puts brackets around IPv6 addresses before a port', () => {
    expect([hostPort('::1', 2379), hostPort('127.0.0.1', 2379)]).toEqual(['[::1]:2379', '127.0.0.1:2379'])
  })
})
