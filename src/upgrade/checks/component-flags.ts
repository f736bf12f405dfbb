import { isControlPlane, isNode, type Machine } from '../../cluster/machine.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import type { FlaggedComponent } from '../../kubernetes/releases/release.js'
import { isMapping } from '../../lib/is-mapping.js'
import { plainValue } from '../../lib/plain-value.js'
import type { Looks } from './check.js'

/** Something a component of a machine is given by its user. */
export interface Given {
  component: FlaggedComponent
  name: string
  value: string
  /** "apiServer.extraArgs (inventory.yaml:12:3)", or a file on the host. */
  where: string
}

/** Flags of the components of a machine that the inventory sets, or a file on it. Pure. */
export function flagsOf(machine: Machine, spec: ClusterSpec, kubelets: Looks['kubelets']): Given[] {
  const planes = (
    [
      ['kube-apiserver', 'apiServer'],
      ['kube-controller-manager', 'controllerManager'],
      ['kube-scheduler', 'scheduler'],
    ] as const
  ).flatMap(([component, key]) => given(component, spec[key].extraArgs, placed(spec, key, 'extraArgs')))
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
                ({ name, value, from }): Given => ({ component: 'kubelet', name, value, where: from }),
              )),
        ]
      : []),
  ]
}

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
  const inConfig = (config: Readonly<Record<string, unknown>>, where: string): Given[] =>
    isMapping(config.featureGates)
      ? Object.entries(config.featureGates).map(([name, value]) => ({
          component: 'kubelet',
          name,
          value: plainValue(value),
          where,
        }))
      : []
  return [
    ...byFlags,
    ...(isNode(machine)
      ? [
          ...inConfig(spec.kubelet.config, placed(spec, 'kubelet', 'config.featureGates')),
          ...inConfig(
            machine.spec.kubeletConfig,
            `kubelet.config.featureGates of the host (${machine.spec.at})`,
          ),
        ]
      : []),
  ]
}

const placed = (spec: ClusterSpec, key: string, rest: string): string => `${key}.${rest} (${spec.at(key)})`

const given = (component: FlaggedComponent, args: Readonly<Record<string, string>>, where: string): Given[] =>
  Object.entries(args).map(([name, value]) => ({ component, name, value, where }))
