import { labelKeyProblem, labelValueProblem, parseTaint } from './labels.js'
import { settingsOf } from './layers.js'
import type { Inventory } from './schema.js'
import type { Found } from './shape-problems.js'

/** Labels and taints, wherever they stand. */
export function markProblems(inventory: Inventory): Found[] {
  return settingsOf(inventory).flatMap(({ path, settings }) => [
    ...Object.entries(settings.labels ?? {}).flatMap(([key, value]): Found[] => {
      const problem = labelKeyProblem(key) ?? labelValueProblem(value)
      if (!problem) return []
      return [
        {
          path: [...path, 'labels', key],
          what: `label ${key}=${value}: ${problem}`,
          write: 'see "Labels and Selectors" in the Kubernetes documentation',
        },
      ]
    }),
    ...(settings.taints ?? []).flatMap((taint, i): Found[] =>
      parseTaint(taint)
        ? []
        : [
            {
              path: [...path, 'taints', i],
              what: `"${taint}" is not a taint`,
              write: 'key=value:Effect or key:Effect, Effect one of NoSchedule, PreferNoSchedule, NoExecute',
            },
          ],
    ),
  ])
}
