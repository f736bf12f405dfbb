import type { Step } from '../../engine/step.js'
import { template } from '../../lib/templates.js'
import { file } from '../../resources/file.js'
import { service } from '../../resources/service.js'
import type { BalancerMachine, BalancerSettings, Remains } from '../balancer.js'
import { type HealthChecks, haproxyConfig, runDirectory } from './config.js'

/**
 * A unit of our own beside the package's: a haproxy that somebody has on the machine already keeps its
 * configuration, and `reset` takes ours off as it takes off every unit.
 */
export const haproxyUnit = 'kubestrap-haproxy.service'
export const haproxyConfigFile = '/etc/kubestrap/haproxy/haproxy.cfg'
const config = haproxyConfigFile
const unitFile = `/etc/systemd/system/${haproxyUnit}`

export const haproxyRemains: Remains = {
  of: [`service:${haproxyUnit}`],
  files: [config, unitFile],
  by: { unit: haproxyUnit },
}

/** Addresses of the API servers that a configuration of ours names. */
export const backendsOf = (text: string): string[] =>
  [...text.matchAll(/^ {4}server \S+ \[?([0-9A-Fa-f.:]+?)\]?:\d+(?:\s|$)/gm)].flatMap(
    ([, address]) => address ?? [],
  )

/** haproxy with our configuration on a machine, running now and after a reboot. A change of it is a reload, which cuts no connection. */
export function haproxySteps(
  { host }: BalancerMachine,
  settings: BalancerSettings,
  installed: string,
  { bind, checks }: { bind: string; checks: HealthChecks },
): Step[] {
  const files = [
    file(host, {
      path: config,
      title: 'haproxy configuration',
      content: haproxyConfig(settings, bind, checks),
      marks: [haproxyUnit],
      needs: [],
    }),
    file(host, {
      path: unitFile,
      title: 'haproxy unit',
      content: template(`haproxy/${haproxyUnit}`, {
        config,
        directory: runDirectory,
        run: `/run/${runDirectory}`,
      }),
      marks: [haproxyUnit],
      needs: [],
    }),
  ]
  return [
    ...files,
    service(host, {
      unit: haproxyUnit,
      title: 'haproxy',
      listens: settings.port,
      reloads: true,
      takesAway: 'balancer',
      needs: [installed, ...files.map((step) => `${host.name}/${step.id}`)],
    }),
  ]
}
