import type { ClusterSpec, ExtraVolume } from '../inventory/spec.js'

const components = [
  ['kube-apiserver', 'apiServer'],
  ['kube-controller-manager', 'controllerManager'],
  ['kube-scheduler', 'scheduler'],
] as const

/** `extraVolumes` of the components of the control plane: each with the static Pod that has it, and the key it stands under. */
export const planeVolumes = (
  spec: ClusterSpec,
): {
  pod: (typeof components)[number][0]
  key: (typeof components)[number][1]
  volume: ExtraVolume
}[] => components.flatMap(([pod, key]) => spec[key].extraVolumes.map((volume) => ({ pod, key, volume })))

/** Whether a path is another one, or lies below it. */
export const isWithin = (path: string, directory: string): boolean =>
  path === directory || path.startsWith(`${directory.replace(/\/$/, '')}/`)
