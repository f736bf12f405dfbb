import type { Machine } from '../../cluster/machine.js'
import { clusterTarget } from '../../engine/step.js'
import type { Problem } from '../../preflight/check.js'
import { couldNotLook, type HopView, type UpgradeCheck } from './check.js'
import { admissionPluginsOf, flagsOf, type Given, gatesOf, proxyGates } from './component-flags.js'

/** What components are given that those of the new minor do not know: they would not start. */
export const componentChecks: readonly UpgradeCheck[] = [
  {
    name: 'RemovedFlags',
    about:
      'No component is given a flag that the new minor no longer has, by the inventory or by a file on its host.',
    run: (view) =>
      onMachines(view, (machine) =>
        flagsOf(machine, view.spec, view.looks.kubelets).flatMap((flag) => {
          const since = view.to.refused.flags[flag.component][flag.name]
          return since === undefined
            ? []
            : [
                {
                  what: `${flag.component} is given --${flag.name} by ${flag.where}; from Kubernetes ${since} on it does not start with it`,
                  next: `remove ${flag.name} there`,
                },
              ]
        }),
      ),
  },
  {
    name: 'RemovedAdmissionPlugins',
    about:
      'No API server is told to enable or to disable an admission plugin that the new minor no longer has.',
    run: (view) =>
      onMachines(view, (machine) =>
        admissionPluginsOf(machine, view.spec, view.looks.kubelets).flatMap(
          ({ component, name, value, where }) => {
            const since = view.to.refused.admissionPlugins[name]
            return since === undefined
              ? []
              : [
                  {
                    what: `${component} is given the admission plugin ${name} with --${value} by ${where}; from Kubernetes ${since} on it does not start with it`,
                    next: `remove ${name} there`,
                  },
                ]
          },
        ),
      ),
  },
  {
    name: 'RemovedConfigurations',
    about:
      'No configuration file of API server or scheduler is written in an API version that the new minor no longer has.',
    run: ({ looks, to }) =>
      [...looks.configurations].flatMap(([host, looked]): Problem[] =>
        'couldNot' in looked
          ? [couldNotLook(host, looked.couldNot)]
          : looked.found.flatMap(({ component, flag, path, apiVersions }) =>
              apiVersions.flatMap((version): Problem[] => {
                const since = to.refused.configurations[version]
                return since === undefined
                  ? []
                  : [
                      {
                        host,
                        severity: 'error',
                        what: `${path}, which ${component} reads (--${flag}), is written in ${version}; from Kubernetes ${since} on it does not start with it`,
                        next: `write it in a later version of ${version.split('/')[0]}, which the current minor reads too`,
                      },
                    ]
              }),
            ),
      ),
  },
  {
    name: 'FeatureGates',
    about:
      'No component is given a feature gate that the new minor does not know any more, or a value that it has locked.',
    run: (view) => [
      ...onMachines(view, (machine) =>
        gatesOf(machine, view.spec, view.looks.kubelets).flatMap((gate) => refusedGate(view, gate)),
      ),
      ...proxyGates(view.spec)
        .flatMap((gate) => refusedGate(view, gate))
        .map((found) => ({ host: clusterTarget, severity: 'error' as const, ...found })),
    ],
  },
  {
    name: 'InventoryForVersion',
    about: 'The inventory is valid for the new minor: its configurations, its runtime, its sources.',
    run: ({ inventory }) =>
      inventory.map(({ at, what, write }) => ({ host: at, severity: 'error', what, next: write })),
  },
  {
    name: 'RuntimePrograms',
    about:
      'What the container runtime requires beside its packages for the new minor is there (Docker: cri-dockerd).',
    run: ({ missingPrograms, spec, to }) =>
      missingPrograms.map((name) => ({
        host: spec.at('runtime'),
        severity: 'error',
        what: `runtime ${spec.runtime} requires ${name} for Kubernetes ${to.minor}, and neither the inventory nor a bundle has it`,
        next: `set docker: { criDockerd: PATH of the program }, add it to the bundle, or go to runtime: containerd before`,
      })),
  },
]

function refusedGate(
  { to }: HopView,
  { component, name, value, where }: Given,
): Omit<Problem, 'host' | 'severity'>[] {
  const since = to.refused.gates[name]
  if (since !== undefined)
    return [
      {
        what: `${component} is given the feature gate ${name} by ${where}; from Kubernetes ${since} on it does not start with it`,
        next: `remove ${name} there`,
      },
    ]
  const locked = to.refused.locked[name]
  if (locked === undefined || isOn(value) === locked) return []
  return [
    {
      what: `${component} is given the feature gate ${name}=${value} by ${where}; Kubernetes ${to.minor} has locked it to ${locked}, and the component does not start`,
      next: `remove ${name} there`,
    },
  ]
}

/** As Go's strconv.ParseBool reads it, by which components read their gates. */
const isOn = (value: string): boolean => ['1', 't', 'true'].includes(value.toLowerCase())

const onMachines = (
  { context }: HopView,
  look: (machine: Machine) => Omit<Problem, 'host' | 'severity'>[],
): Problem[] =>
  context.machines.flatMap((machine) =>
    look(machine).map((found) => ({ host: machine.spec.name, severity: 'error' as const, ...found })),
  )
