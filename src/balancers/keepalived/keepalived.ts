import type { Step } from '../../engine/step.js'
import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import { service } from '../../resources/service.js'
import type { BalancerMachine, BalancerPeer, BalancerSettings, Remains } from '../balancer.js'
import { keepalivedConfig } from './config.js'

const keepalivedUnit = 'kubestrap-keepalived.service'
export const keepalivedConfigFile = '/etc/kubestrap/keepalived/keepalived.conf'
const config = keepalivedConfigFile
const unitFile = `/etc/systemd/system/${keepalivedUnit}`
const directory = 'kubestrap-keepalived'

export const keepalivedRemains: Remains = {
  of: [`service:${keepalivedUnit}`],
  files: [config, unitFile],
  by: { unit: keepalivedUnit },
}

/** Addresses of the other balancers that a configuration of ours names. */
export function peersIn(text: string): string[] {
  const [, list = ''] = /^ {4}unicast_peer \{\n([^}]*)\}/m.exec(text) ?? []
  return list.split(/\s+/).filter(Boolean)
}

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
      title: 'keepalived configuration',
      content: keepalivedConfig(machine, all, { ...settings, virtualIp }),
      marks: [keepalivedUnit],
      needs: [],
    }),
    file(host, {
      path: unitFile,
      title: 'keepalived unit',
      content: template(`keepalived/${keepalivedUnit}`, { config, directory, run: `/run/${directory}` }),
      marks: [keepalivedUnit],
      needs: [],
    }),
  ]
  return [
    ...files,
    service(host, {
      unit: keepalivedUnit,
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
