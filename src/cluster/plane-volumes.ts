import type { ClusterSpec, ExtraVolume } from '../inventory/spec.js'

/** Components of the control plane that are flagged by the inventory: their static Pods, and the keys they stand under. */
export const planeComponents = [
  ['kube-apiserver', 'apiServer'],
  ['kube-controller-manager', 'controllerManager'],
  ['kube-scheduler', 'scheduler'],
] as const

/** `extraVolumes` of the components of the control plane: each with the static Pod that has it, and the key it stands under. */
export const planeVolumes = (
  spec: ClusterSpec,
): {
  pod: (typeof planeComponents)[number][0]
  key: (typeof planeComponents)[number][1]
  volume: ExtraVolume
}[] => planeComponents.flatMap(([pod, key]) => spec[key].extraVolumes.map((volume) => ({ pod, key, volume })))

/** Whether a path is another one, or lies below it. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory.replace(/\/$/, '')}/`)

/** The operator's files of `extraVolumes`: where each goes, and the static Pods that read it, by whatever volume. */
export function sourcedVolumes(
  spec: ClusterSpec,
): { hostPath: string; source: string; at: string; readers: readonly string[] }[] {
  const all = planeVolumes(spec)
  const byPath = new Map(
    all.flatMap(({ key, volume: { hostPath, source } }) =>
      source === undefined ? [] : [[hostPath, { hostPath, source, at: spec.at(key) }] as const],
    ),
  )
  return [...byPath.values()].map((one) => ({
    ...one,
    readers: [
      ...new Set(all.filter(({ volume }) => isWithin(one.hostPath, volume.hostPath)).map(({ pod }) => pod)),
    ],
  }))
}
