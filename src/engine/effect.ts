/**
 * What else a change causes, on its own target: data for summaries and decisions; people are told `effectWords`.
 * - `restart`, `reload`: of a unit or a container
 * - `recreate`: of a static Pod, or of the Pods of a workload
 * - `remark`: nothing more; a sentence why the change is made now
 */
export type Effect =
  | { kind: 'restart'; of: 'unit' | 'container'; name: string; afterDrain?: true }
  | { kind: 'reload'; of: 'unit'; name: string }
  | { kind: 'recreate'; of: 'static-pod' | 'workload'; name: string }
  | { kind: 'remark'; text: string }

/** What effects are about, by name: "unit kubelet.service", "static-pod etcd". */
export interface Reader {
  of: 'unit' | 'container' | 'static-pod' | 'workload'
  name: string
}

/** An effect on one line: "restarts kubelet.service". */
export function effectWords(effect: Effect): string {
  switch (effect.kind) {
    case 'restart':
      return `restarts ${effect.name}${effect.afterDrain ? ' after a drain' : ''}`
    case 'reload':
      return `reloads ${effect.name}`
    case 'recreate':
      return effect.of === 'static-pod'
        ? `recreates Pod ${effect.name}`
        : `recreates the Pods of ${effect.name}`
    case 'remark':
      return effect.text
  }
}

/** Whether an effect is about this reader. */
export const isAbout = (effect: Effect, reader: Reader): boolean =>
  effect.kind !== 'remark' && effect.of === reader.of && effect.name === reader.name
