import { describe, expect, test } from 'vitest'
import {
  dedicatedChecks,
  haproxyConfig,
  nodeChecks,
  worstDetection,
} from '../../../src/balancers/haproxy/config.js'
import { haproxy } from '../../../src/balancers/haproxy/haproxy.js'
import { nodeLocal } from '../../../src/balancers/node-local.js'
import { fixture, machine, settings } from './support.js'

const line = (text: string, word: string): string | undefined =>
  text
    .split('\n')
    .map((one) => one.trim())
    .find((one) => one.startsWith(`${word} `))

describe("haproxy's configuration", () => {
  test('is what haproxy 2.6 was seen to accept, on machines of its own and on a node', () => {
    expect(haproxyConfig(settings(), '', dedicatedChecks)).toBe(fixture('haproxy.cfg'))
    expect(haproxyConfig(settings({ port: 6444 }), '127.0.0.1', nodeChecks)).toBe(fixture('node-local.cfg'))
  })

  test('listens on both families where API servers have IPv6, with brackets where addresses need them', () => {
    const six = settings({ backends: [{ name: 'cp1', address: '2001:db8::1', port: 6444 }] })
    const everywhere = haproxyConfig(six, '', dedicatedChecks)
    expect(line(everywhere, 'bind')).toBe('bind :::6443 v4v6')
    expect(line(everywhere, 'server')).toBe('server cp1 [2001:db8::1]:6444')
    expect(line(haproxyConfig(six, '::1', nodeChecks), 'bind')).toBe('bind [::1]:6443')
  })

  test('takes a refusal for life where API servers answer nobody they do not know', () => {
    const text = haproxyConfig(settings({ anonymous: false }), '', dedicatedChecks)
    expect(line(text, 'http-check')).toBe('http-check expect status 200,401')
  })
})

test.each([dedicatedChecks, nodeChecks])('a dead API server is out within three seconds (%o)', (checks) => {
  for (const how of ['refused', 'silent', 'mute'] as const)
    expect(worstDetection(checks, how)).toBeLessThan(3000)
})

test('the worst case counts the interval, each attempt, and the shorter pause between them', () => {
  const checks = { inter: 500, fastinter: 100, connect: 800, check: 300, fall: 3, rise: 1 }
  expect(worstDetection(checks, 'refused')).toBe(500 + 2 * 100)
  expect(worstDetection(checks, 'silent')).toBe(500 + 500 + 2 * (100 + 500))
  expect(worstDetection(checks, 'mute')).toBe(500 + 300 + 2 * (100 + 300))
})

describe('haproxy on machines', () => {
  const ids = (virtualIp: string | undefined): string[] =>
    haproxy
      .steps(machine('lb1'), [machine('lb1'), machine('lb2')], settings({ virtualIp }), 'lb1/packages')
      .map(({ id }) => id)

  test('has keepalived beside it where there is a virtual IP, and not otherwise', () => {
    const alone = [
      'file:/etc/kubestrap/haproxy/haproxy.cfg',
      'file:/etc/systemd/system/kubestrap-haproxy.service',
      'service:kubestrap-haproxy.service',
    ]
    expect(ids(undefined)).toEqual(alone)
    expect(ids('10.88.0.10')).toEqual([
      ...alone,
      'file:/etc/kubestrap/keepalived/keepalived.conf',
      'file:/etc/systemd/system/kubestrap-keepalived.service',
      'service:kubestrap-keepalived.service',
    ])
  })
})

describe('node-local', () => {
  const bound = (over: Parameters<typeof machine>[1]): string | undefined => {
    const [file] = nodeLocal.steps(machine('w1', over), [], settings({ virtualIp: undefined }), 'w1/packages')
    const [change] = file?.diff({ kind: 'absent' }) ?? []
    return /bind (.*)/.exec(change?.diff ?? '')?.[1]
  }

  test('serves the node alone, and on a control plane also those outside', () => {
    expect(bound({})).toBe('127.0.0.1:6443')
    expect(bound({ address: '2001:db8::21' })).toBe('[::1]:6443')
    expect(bound({ controlPlane: true })).toBe('*:6443')
  })
})
