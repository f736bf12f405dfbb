import { expect, test } from 'vitest'
import { keepalivedConfig } from '../../../../src/balancers/keepalived/config.js'
import { keepalivedConfigFile, peersIn } from '../../../../src/balancers/keepalived/keepalived.js'
import { leftBehind } from '../../../../src/steps/reset/left-behind.js'
import { contextOf, machine } from '../../../support/context.js'
import { fakeHost } from '../../../support/fake-host.js'
import { machine as balancer, settings } from '../../balancers/support.js'

const peer = (name: string, address: string) => ({ ...balancer(name), name, address })
const [lb1, lb2, lb3] = [peer('lb1', '10.88.0.5'), peer('lb2', '10.88.0.6'), peer('lb3', 'fd00::7')]
const text = keepalivedConfig(lb1, [lb1, lb2, lb3], { ...settings(), virtualIp: '10.88.0.10' })

test('the peers that keepalived knows are read back', () => {
  expect(peersIn(text)).toEqual(['10.88.0.6', 'fd00::7'])
  expect(peersIn(keepalivedConfig(lb1, [lb1], { ...settings(), virtualIp: '10.88.0.10' }))).toEqual([])
  expect(peersIn('')).toEqual([])
})

const on = (name: string, address: string, role: 'load-balancer', files: Record<string, string>) => ({
  ...machine({ name, address, roles: [role] }),
  host: fakeHost(name, { files }),
})

test('a load balancer that left the inventory is named with what removes it', async () => {
  const files = { [keepalivedConfigFile]: text }
  const all = [on('lb1', '10.88.0.5', 'load-balancer', files), on('lb3', 'fd00::7', 'load-balancer', files)]
  expect(await leftBehind(contextOf(all))).toEqual([
    expect.stringMatching(
      /^the load balancer 10\.88\.0\.6, .* before kubestrap up: kubestrap reset 10\.88\.0\.6$/,
    ),
  ])
})
