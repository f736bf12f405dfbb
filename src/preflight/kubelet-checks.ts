import { type Context, criSocket } from '../cluster/context.js'
import { kubeletDirectory } from '../cluster/kubelet-unit.js'
import { isNode, type Machine } from '../cluster/machine.js'
import { kubeletConfiguration, kubeletFlags } from '../kubernetes/config/kubelet.js'
import { isMapping } from '../lib/is-mapping.js'
import { parsedYaml } from '../lib/parsed-yaml.js'
import { plainValue } from '../lib/plain-value.js'
import { kubeletNode } from '../steps/kubelet/kubelet-node.js'
import { type Check, onEach } from './check.js'
import { type KubeletFlag, kubeletFlagsIn } from './kubelet-flags.js'

export const kubeletChecks: readonly Check[] = [
  {
    name: 'KubeletExtraArgs',
    about:
      'KUBELET_EXTRA_ARGS and drop-ins of the kubelet do not override what kubestrap sets; on a node that runs so already it is a warning.',
    run: onEach((machine, context, { kubelets }) => {
      const found = kubelets.get(machine.spec.name)
      if (found === undefined || !isNode(machine)) return undefined
      if (found === 'unknown')
        return {
          severity: 'warning',
          what: 'could not check for flags of the kubelet that override those of kubestrap',
          next: `check KUBELET_EXTRA_ARGS in ${machine.os.kubeletDefaults} by hand`,
        }
      const wanted = wantedFlags(context, machine)
      const overriding = found.filter(({ name, value }) => overrides(wanted, name, value))
      if (overriding.length === 0) return undefined
      return {
        severity: machine.facts.kubernetes ? 'warning' : 'error',
        what: `flags of the kubelet override those of kubestrap: ${overriding.map((flag) => shown(flag, wanted)).join('; ')}`,
        next: 'remove them there, and set kubelet.extraArgs or kubelet.config in the inventory instead; or ignore KubeletExtraArgs',
      }
    }),
  },
]

const overrides = (wanted: ReadonlyMap<string, string>, name: string, value: string): boolean =>
  name.startsWith('KUBELET_') || (wanted.has(name) && wanted.get(name) !== value)

function shown({ name, value, from }: KubeletFlag, wanted: ReadonlyMap<string, string>): string {
  if (name.startsWith('KUBELET_')) return `${from} sets ${name}`
  return `${from} has --${name}=${value}, kubestrap sets ${wanted.get(name)}`
}

/** What the unit, kubeadm-flags.env and config.yaml of a machine say, as flags: a flag takes precedence over all three. */
function wantedFlags(context: Context, machine: Machine): ReadonlyMap<string, string> {
  const { spec, runtime } = context
  const release = machine.release.wanted
  const socket = criSocket(context, machine)
  const variable = kubeletFlags(spec, machine.spec, release, { id: runtime.id, criSocket: socket })
  const own = kubeletFlagsIn(
    `@file x\n ${variable.trim().replace('KUBELET_KUBEADM_ARGS', 'KUBELET_EXTRA_ARGS')}\n@end\n`,
  )
  const configuration = parsedYaml(
    kubeletConfiguration(spec, release, {
      ...kubeletNode(context, machine),
      criSocket: socket,
      config: machine.spec.kubeletConfig,
    }),
  )
  return new Map([
    ...fieldFlags(configuration),
    ['hostname-override', machine.spec.name],
    ['root-dir', kubeletDirectory],
    ['config', `${kubeletDirectory}/config.yaml`],
    ['kubeconfig', '/etc/kubernetes/kubelet.conf'],
    ['bootstrap-kubeconfig', '/etc/kubernetes/bootstrap-kubelet.conf'],
    ...(own ?? []).map(({ name, value }) => [name, value] as const),
  ])
}

/** Flags whose name is not that of the field (cmd/kubelet/app/options). */
const named: Readonly<Record<string, string>> = {
  clusterDNS: 'cluster-dns',
  staticPodPath: 'pod-manifest-path',
  'authentication.x509.clientCAFile': 'client-ca-file',
  'authentication.anonymous.enabled': 'anonymous-auth',
  'authentication.webhook.enabled': 'authentication-token-webhook',
  'authorization.mode': 'authorization-mode',
}

/** The fields of a KubeletConfiguration as the flags that override them; fields with fields in them have none but those above. */
function fieldFlags(configuration: Record<string, unknown>, above = ''): [string, string][] {
  return Object.entries(configuration).flatMap(([key, value]): [string, string][] => {
    const path = `${above}${key}`
    if (isMapping(value)) return fieldFlags(value, `${path}.`)
    const flag =
      named[path] ?? (above === '' ? key.replace(/[A-Z]/g, (c) => `-${c.toLowerCase()}`) : undefined)
    return flag === undefined
      ? []
      : [[flag, Array.isArray(value) ? value.map(plainValue).join(',') : plainValue(value)]]
  })
}
