import { describe, expect, test } from 'vitest'
import { keepalivedConfig } from '../../../src/balancers/keepalived/config.js'
import { fixture, machine, settings } from './support.js'

const withVip = (virtualIp: string) => ({ ...settings(), virtualIp })
const [lb1, lb2, lb3] = [machine('lb1'), machine('lb2'), machine('lb3')]

describe("keepalived's configuration", () => {
  test('is what keepalived 2.2 was seen to run with', () => {
    expect(keepalivedConfig(lb2, [lb1, lb2], withVip('10.88.0.10'))).toBe(fixture('keepalived.conf'))
  })

  test('tells each balancer the others, and gives each a priority of its own', () => {
    const all = [lb1, lb2, lb3]
    const texts = all.map((one) => keepalivedConfig(one, all, withVip('10.88.0.10')))
    const peers = texts.map((text) => [...text.matchAll(/^ {8}(10\.88\.0\.3\d)$/gm)].map(([, peer]) => peer))
    expect(peers).toEqual([
      ['10.88.0.32', '10.88.0.33'],
      ['10.88.0.31', '10.88.0.33'],
      ['10.88.0.31', '10.88.0.32'],
    ])
    expect(texts.map((text) => /priority (\d+)/.exec(text)?.[1])).toEqual(['200', '180', '160'])
  })

  test('has no peers to tell for a single balancer, which multicasts to nobody', () => {
    expect(keepalivedConfig(lb1, [lb1], withVip('10.88.0.10'))).not.toContain('unicast')
  })

  test('knows the port as the kernel shows it, and the width of an IPv6 address', () => {
    const text = keepalivedConfig(lb1, [lb1, lb2], { ...withVip('2001:db8::10'), port: 443 })
    expect(text).toContain('-qs :01BB.[0-9A-F]*:0000.0A. ')
    expect(text).toContain('2001:db8::10/128 dev eth0')
  })
})
