import { isControlPlane, isNode, type Machine } from '../../cluster/machine.js'
import { planeComponents } from '../../cluster/plane-volumes.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import type { FlaggedComponent } from '../../kubernetes/releases/release.js'
import { isMapping } from '../../lib/is-mapping.js'
import { plainValue } from '../../lib/plain-value.js'
import type { Looks } from './check.js'

/** Something a component of a machine is given by its user. */
export interface Given {
  component: FlaggedComponent | 'kube-proxy'
  name: string
  value: string
  /** "apiServer.extraArgs (inventory.yaml:12:3)", or a file on the host. */
  where: string
}

/** A flag of a component. */
export interface GivenFlag extends Given {
  component: FlaggedComponent
}

/** Flags of the components of a machine that the inventory sets, or a file on it. Pure. */
export function flagsOf(machine: Machine, spec: ClusterSpec, kubelets: Looks['kubelets']): GivenFlag[] {
  const planes = planeComponents.flatMap(([component, key]) =>
    given(component, spec[key].extraArgs, placed(spec, key, 'extraArgs')),
  )
  const files = kubelets.get(machine.spec.name) ?? []
  return [
    ...(isControlPlane(machine) ? planes : []),
    ...(isNode(machine)
      ? [
          ...given('kubelet', spec.kubelet.extraArgs, placed(spec, 'kubelet', 'extraArgs')),
          ...given(
            'kubelet',
            machine.spec.kubeletExtraArgs,
            `kubelet.extraArgs of the host (${machine.spec.at})`,
          ),
          ...(files === 'unknown'
            ? []
            : files.map(
                ({ name, value, from }): GivenFlag => ({ component: 'kubelet', name, value, where: from }),
              )),
        ]
      : []),
  ]
}

/** Flags of an API server that list admission plugins. */
const pluginFlags: ReadonlySet<string> = new Set([
  'enable-admission-plugins',
  'disable-admission-plugins',
  'admission-control',
])

/** Admission plugins that flags of the API server of a machine list: `name` the plugin, `value` the flag. Pure. */
export const admissionPluginsOf = (
  machine: Machine,
  spec: ClusterSpec,
  kubelets: Looks['kubelets'],
): GivenFlag[] =>
  flagsOf(machine, spec, kubelets)
    .filter(({ component, name }) => component === 'kube-apiserver' && pluginFlags.has(name))
    .flatMap((flag) => {
      const names = flag.value.split(',').map((part) => part.trim())
      return [...new Set(names)].filter(Boolean).map((name) => ({ ...flag, name, value: flag.name }))
    })

/** Feature gates of the components of a machine, by flags and by the kubelet's configuration; values are "true" and "false". Pure. */
export function gatesOf(machine: Machine, spec: ClusterSpec, kubelets: Looks['kubelets']): Given[] {
  const byFlags = flagsOf(machine, spec, kubelets)
    .filter(({ name }) => name === 'feature-gates')
    .flatMap((flag) =>
      flag.value.split(',').flatMap((gate): Given[] => {
        const [name = '', value = ''] = gate.split('=').map((part) => part.trim())
        return name === '' ? [] : [{ ...flag, name, value }]
      }),
    )
  return [
    ...byFlags,
    ...(isNode(machine)
      ? [
          ...inConfig('kubelet', spec.kubelet.config, placed(spec, 'kubelet', 'config.featureGates')),
          ...inConfig(
            'kubelet',
            machine.spec.kubeletConfig,
            `kubelet.config.featureGates of the host (${machine.spec.at})`,
          ),
        ]
      : []),
  ]
}

/** Feature gates of kube-proxy, which is there once for all nodes. Pure. */
export const proxyGates = (spec: ClusterSpec): Given[] =>
  inConfig('kube-proxy', spec.kubeProxy.config, placed(spec, 'kubeProxy', 'config.featureGates'))

const inConfig = (
  component: Given['component'],
  config: Readonly<Record<string, unknown>>,
  where: string,
): Given[] =>
  isMapping(config.featureGates)
    ? Object.entries(config.featureGates).map(([name, value]) => ({
        component,
        name,
        value: plainValue(value),
        where,
      }))
    : []

const placed = (spec: ClusterSpec, key: string, rest: string): string => `${key}.${rest} (${spec.at(key)})`

const given = (
  component: FlaggedComponent,
  args: Readonly<Record<string, string>>,
  where: string,
): GivenFlag[] => Object.entries(args).map(([name, value]) => ({ component, name, value, where }))
