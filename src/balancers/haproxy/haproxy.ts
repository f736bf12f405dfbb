import type { Balancer } from '../balancer.js'
import { keepalivedRemains, keepalivedSteps } from '../keepalived/keepalived.js'
import { haproxyBackends } from './backends.js'
import { dedicatedChecks } from './config.js'
import { haproxyRemains, haproxySteps, haproxyUnit } from './steps.js'

/**
 * haproxy on the hosts with the role load-balancer: all of their own, or control planes (then the API
 * servers have another port). With a virtual IP, keepalived moves it between them.
 */
export const haproxy: Balancer = {
  id: 'haproxy',
  runsOn: 'load-balancer',
  port: 'own',
  virtualIp: 'possible',
  keys: ['interface', 'routerId'],
  answersAlone: true,
  units: [haproxyUnit],
  // the virtual IP first: it is to go to another machine
  remains: [keepalivedRemains, haproxyRemains],
  images: () => [],
  packages: (os, { virtualIp }) => [
    ...os.packages.haproxy,
    ...(virtualIp === undefined ? [] : os.packages.keepalived),
  ],
  // VRRP is protocol 112 of /etc/protocols
  traffic: ({ port, virtualIp }) => [`${port}/tcp`, ...(virtualIp === undefined ? [] : ['vrrp'])],
  steps: (machine, all, settings, installed) => [
    ...haproxySteps(machine, settings, installed, { bind: '', checks: dedicatedChecks }),
    ...keepalivedSteps(machine, all, settings, installed, haproxyUnit),
  ],
  settledSteps: () => [],
  backends: ({ host }) => haproxyBackends(host),
}
