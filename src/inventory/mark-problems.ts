import { labelKeyProblem, labelValueProblem, parseTaint } from './labels.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema/schema.js'
import type { Found } from './shape-problems.js'
import type { TaintSpec } from './spec.js'

/** Labels that a kubelet gives its own node at each start (pkg/kubelet, updateDefaultLabels). */
const kubelets = new Set([
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
])

/** Taints that follow a node's conditions (component-helpers, well-known node taints). */
const controllers =
  /^node\.kubernetes\.io\/(not-ready|unreachable|unschedulable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)$/

/** Labels and taints, wherever they stand. */
export function markProblems(inventory: Inventory): Found[] {
  return settingsOf(inventory).flatMap(({ path, settings }) => [
    ...Object.entries(settings.labels ?? {}).flatMap(([key, value]): Found[] => {
      const problem = labelKeyProblem(key) ?? labelValueProblem(value)
      if (!problem && kubelets.has(key))
        return [
          {
            path: [...path, 'labels', key],
            key: true,
            what: `label ${key} is set by the kubelet, which would restore it`,
            write: 'another key',
          },
        ]
      if (!problem) return []
      return [
        {
          path: [...path, 'labels', key],
          what: `label ${key}=${value}: ${problem}`,
          write: 'see "Labels and Selectors" in the Kubernetes documentation',
        },
      ]
    }),
    ...(settings.taints ?? []).flatMap((taint, i): Found[] => {
      const parsed = parseTaint(taint)
      if (parsed && controllers.test(parsed.key))
        return [
          {
            path: [...path, 'taints', i],
            what: `taint ${parsed.key} is set and removed by the node controller`,
            write: 'another key',
          },
        ]
      // the API: "taints must be unique by key and effect pair" (core validation, validateNodeTaints)
      const first = (settings.taints ?? []).findIndex((other) => sameTaint(parseTaint(other), parsed))
      if (parsed && first < i)
        return [
          {
            path: [...path, 'taints', i],
            what: `${parsed.key} with effect ${parsed.effect} is listed twice`,
            write: 'one of the two: a node has one taint for each key and effect',
          },
        ]
      return parsed
        ? []
        : [
            {
              path: [...path, 'taints', i],
              what: `"${taint}" is not a taint`,
              write: 'key=value:Effect or key:Effect, Effect one of NoSchedule, PreferNoSchedule, NoExecute',
            },
          ]
    }),
  ])
}

const sameTaint = (one: TaintSpec | undefined, other: TaintSpec | undefined): boolean =>
  one !== undefined && one.key === other?.key && one.effect === other.effect
