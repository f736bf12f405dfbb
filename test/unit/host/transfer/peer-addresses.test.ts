import { expect, it } from 'vitest'
import { peerAddresses } from '../../../../src/host/transfer/peer-addresses.js'
import { hostSpec, sshSpec } from '../../../support/spec.js'

const of = (ssh: Parameters<typeof sshSpec>[0]) =>
  peerAddresses([hostSpec({ name: 'w1', address: '10.0.0.5', ssh: sshSpec(ssh) })]).get('w1')

it.each([
  ['at its own address, its port', { host: '10.0.0.5', port: 2222 }, 2222],
  [
    'at another address, the usual port: the other may be that of a forwarding',
    { host: '192.0.2.1', port: 2222 },
    22,
  ],
  [
    'through a bastion, the port that the bastion dials',
    { host: 'w1.inner', port: 2222, via: sshSpec() },
    2222,
  ],
])('a host that is dialled %s', (_, ssh, port) => {
  expect(of({ user: 'ops', ...ssh })).toEqual({ address: '10.0.0.5', port, user: 'ops' })
})

it('a host whose inventory says so takes no part', () => {
  expect(of({ peerTransfer: false })).toBeUndefined()
})
