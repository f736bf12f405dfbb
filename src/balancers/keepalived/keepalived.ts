import type { Step } from '../../engine/step.js'
import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import { service } from '../../resources/service.js'
import type { BalancerMachine, BalancerPeer, BalancerSettings } from '../balancer.js'
import { keepalivedConfig } from './config.js'

const unit = 'kubestrap-keepalived.service'
const config = '/etc/kubestrap/keepalived/keepalived.conf'
const directory = 'kubestrap-keepalived'

/**
 * The virtual IP on one of several balancers; none without a virtual IP. Like haproxy's a unit of our own.
 * @param balancer unit of what is balanced by, which must run first
 */
export function keepalivedSteps(
  machine: BalancerMachine,
  all: readonly BalancerPeer[],
  settings: BalancerSettings,
  installed: string,
  balancer: string,
): Step[] {
  const { host } = machine
  const { virtualIp } = settings
  if (virtualIp === undefined) return []
  const files = [
    file(host, {
      path: config,
      title: 'configuration of keepalived',
      content: keepalivedConfig(machine, all, { ...settings, virtualIp }),
      marks: [unit],
      needs: [],
    }),
    file(host, {
      path: `/etc/systemd/system/${unit}`,
      title: 'unit of keepalived',
      content: template(`keepalived/${unit}`, { config, directory, run: `/run/${directory}` }),
      marks: [unit],
      needs: [],
    }),
  ]
  return [
    ...files,
    service(host, {
      unit,
      title: 'keepalived',
      reloads: true,
      takesAway: 'balancer',
      needs: [
        installed,
        `${host.name}/service:${balancer}`,
        ...files.map((step) => `${host.name}/${step.id}`),
      ],
    }),
  ]
}
