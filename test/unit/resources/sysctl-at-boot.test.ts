import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { contested } from '../../../src/resources/sysctl-at-boot.js'

const wanted = { 'net.ipv4.ip_forward': '1', 'net.bridge.bridge-nf-call-iptables': '1' }
const ours =
  '# /etc/sysctl.d/99-kubestrap.conf\nnet.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\n'
const found = (text: string) => contested(`${text}\n@end\n`, wanted)

describe('kernel parameters at the next boot', () => {
  test('are ours when nobody speaks after us', () => {
    expect(found(`# /etc/sysctl.d/10-a.conf\nnet.ipv4.ip_forward=0\n${ours}`)).toEqual([])
  })

  test.each([
    'net.ipv4.ip_forward=0',
    '  net/ipv4/ip_forward = 0',
    '-net.ipv4.ip_forward = 0  ',
    'net.ipv4.ip_forward = 1\nnet.ipv4.ip_forward = 0',
  ])('%j in /etc/sysctl.conf, which Debian reads as 99-sysctl.conf, wins', (line) => {
    expect(found(`${ours}\n# /etc/sysctl.d/99-sysctl.conf\n#net.ipv4.ip_forward=5\n${line}\n`)).toEqual([
      { key: 'net.ipv4.ip_forward', value: '0', by: '/etc/sysctl.d/99-sysctl.conf' },
    ])
  })

  test('are nobody’s when the line says the same, is a comment or another key', () => {
    for (const line of [
      'net.ipv4.ip_forward = 1',
      '# net.ipv4.ip_forward = 0',
      '; x',
      'net.ipv4.ip_forward_x = 0',
      'x',
    ])
      expect(found(`${ours}# /etc/sysctl.d/zz.conf\n${line}\n`)).toEqual([])
  })

  test('are ours again with a file after all others', () => {
    const last = `# /etc/sysctl.d/zz-kubestrap.conf\n${ours}`
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(found(`# /etc/sysctl.d/x.conf\n${text}\n${last}`)).toEqual([])
      }),
    )
  })

  test('are not known from an answer that is cut', () => {
    expect(() => contested(ours, wanted)).toThrow('cut short')
  })
})
