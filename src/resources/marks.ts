import type { Effect } from '../engine/effect.js'
import type { Host } from '../host/host.js'

/**
 * Restart marks: before a file is written that a unit or static pod reads, a file named after the
 * reader is left here; the reader's own step sees it, restarts, and removes it. On a tmpfs, so that
 * a reboot, which restarts everything, clears them.
 */
export const markDirectory = '/run/kubestrap/restart'

const podPrefix = 'static-pod-'

/** The mark of a static pod ("kube-apiserver"); a unit's mark is its own name. */
export const podMark = (pod: string): string => `${podPrefix}${pod}`

const containerPrefix = 'container-'

/** The mark of a container of kube-system that no manifest of ours starts; left only where it has started. */
export const containerMark = (container: string): string => `${containerPrefix}${container}`

const reloadPrefix = 'reload-'

/** The mark of a unit that takes up what it reads by a reload, beside what it needs a restart for. */
export const reloadMark = (unit: string): string => `${reloadPrefix}${unit}`

/** What a reader runs from: a static pod's manifest, a unit's file. */
export function readerFile(mark: string): string {
  if (mark.startsWith(podPrefix)) return `/etc/kubernetes/manifests/${mark.slice(podPrefix.length)}.yaml`
  const unit = mark.startsWith(reloadPrefix) ? mark.slice(reloadPrefix.length) : mark
  return `/etc/systemd/system/${unit}`
}

/** What a change of something read by these will cause, for plans. */
export function effectsOf(marks: readonly string[]): Effect[] {
  return marks.map((mark): Effect => {
    const after = (prefix: string): string => mark.slice(prefix.length)
    if (mark.startsWith(podPrefix)) return { kind: 'recreate', of: 'static-pod', name: after(podPrefix) }
    if (mark.startsWith(containerPrefix))
      return { kind: 'restart', of: 'container', name: after(containerPrefix) }
    if (mark.startsWith(reloadPrefix)) return { kind: 'reload', of: 'unit', name: after(reloadPrefix) }
    return { kind: 'restart', of: 'unit', name: mark }
  })
}

/** Leaves marks for what is about to be replaced, before it is: a cut in between restarts once more, never once less. */
export async function leaveMarks(host: Host, marks: readonly string[]): Promise<void> {
  if (marks.length === 0) return
  await host.mutate({
    what: `mark ${marks.join(', ')} for restart`,
    script: 'd=$1; shift; mkdir -p "$d" && cd "$d" && touch -- "$@"',
    args: [markDirectory, ...marks],
    timeoutMs: 10_000,
  })
}

/** Takes a mark away: what it is of runs with what lies there. */
export async function removeMark(host: Host, mark: string): Promise<void> {
  await host.mutate({ script: 'rm -f -- "$1"', args: [`${markDirectory}/${mark}`], timeoutMs: 10_000 })
}

const due = new WeakMap<Host, Set<string>>()

/** Notes that a difference was found whose change restarts what reads it; see `restartIsDue`. For `learn`. */
export function restartBecomesDue(host: Host, marks: readonly string[]): void {
  const known = due.get(host) ?? new Set()
  due.set(host, known)
  for (const mark of marks) known.add(mark)
}

/** Takes that note back: of an earlier look, which may have found what is not so any more. For `forget`. */
export function forgetRestarts(host: Host, marks: readonly string[]): void {
  for (const mark of marks) due.get(host)?.delete(mark)
}

/** Whether a difference found by the last plan, or since, will restart what has this mark. */
export function restartIsDue(host: Host, mark: string): boolean {
  return due.get(host)?.has(mark) ?? false
}
