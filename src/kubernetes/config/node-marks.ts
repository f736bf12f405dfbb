import type { ClusterSpec, HostSpec } from '../../inventory/spec.js'
import type { Release } from '../releases/release.js'

export interface NodeMarks {
  labels: Record<string, string>
  taints: { key: string; value?: string; effect: string }[]
  annotations: Record<string, string>
  /** What of it the inventory alone asks for, and so goes when the inventory no longer does. */
  own: { labels: string[]; taints: string[] }
  /** "key:Effect" of kubeadm's taints that a host with these roles must not have. */
  unwantedTaints: string[]
}

/**
 * What a Node carries beside what its kubelet says: kubeadm's marks of a control plane (no taint
 * when the host is a worker too), and the inventory's labels and taints.
 */
export function nodeMarks(
  _spec: ClusterSpec,
  host: HostSpec,
  release: Release,
  { criSocket }: { criSocket?: string } = {},
): NodeMarks {
  const { labels, taints, criSocketAnnotation } = release.node
  const controlPlane = host.roles.includes('control-plane')
  const dedicated = controlPlane && !host.roles.includes('worker')
  const kubeadms = new Set(taints.map((key) => `${key}:NoSchedule`))
  return {
    labels: { ...(controlPlane ? labels : {}), ...host.labels },
    taints: [
      ...(dedicated
        ? taints
            // one that the inventory names too, perhaps with a value, is the inventory's
            .filter((key) => !host.taints.some((own) => own.key === key && own.effect === 'NoSchedule'))
            .map((key) => ({ key, effect: 'NoSchedule' }))
        : []),
      ...host.taints.map(({ key, value, effect }) => ({ key, ...(value ? { value } : {}), effect })),
    ],
    annotations: criSocketAnnotation && criSocket ? { [criSocketAnnotation]: criSocket } : {},
    own: {
      labels: Object.keys(host.labels).sort(),
      taints: host.taints
        .map(({ key, effect }) => `${key}:${effect}`)
        .filter((taint) => !(dedicated && kubeadms.has(taint)))
        .sort(),
    },
    unwantedTaints: controlPlane && !dedicated ? [...kubeadms] : [],
  }
}
