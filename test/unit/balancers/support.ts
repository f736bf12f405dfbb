import { readFileSync } from 'node:fs'
import type { BalancerMachine, BalancerSettings } from '../../../src/balancers/balancer.js'
import { localConnection } from '../../../src/host/local-connection.js'
import { createHost } from '../../../src/host/remote-host.js'

/** Text as it was rendered, read, and accepted by the program it is for. */
export const fixture = (name: string): string =>
  readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8')

/** Three API servers behind 10.88.0.10:6443. */
export function settings(over: Partial<BalancerSettings> = {}): BalancerSettings {
  return {
    port: 6443,
    backends: [1, 2, 3].map((n) => ({ name: `cp${n}`, address: `10.88.0.1${n}`, port: 6443 })),
    virtualIp: '10.88.0.10',
    routerId: 10,
    image: undefined,
    anonymous: true,
    ...over,
  }
}

export function machine(name: string, over: Partial<BalancerMachine> = {}): BalancerMachine {
  return {
    host: createHost(name, localConnection()),
    name,
    address: `10.88.0.3${name.at(-1)}`,
    interface: 'eth0',
    controlPlane: false,
    superAdmin: false,
    ...over,
  }
}
