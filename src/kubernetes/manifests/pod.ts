import { imageFor } from '../images.js'
import type { KubeObject } from '../kube-object.js'
import type { StaticPodName } from '../releases/release.js'
import { probes } from './probes.js'
import type { PodInput } from './static-pods.js'
import type { Volume } from './volume.js'

export interface PodParts {
  name: StaticPodName
  annotations?: Record<string, string>
  /** Binary and flags. */
  command: readonly string[]
  /** Where its health is asked. */
  probe: { host: string; port: number; scheme: 'HTTP' | 'HTTPS' }
  mounts: readonly Volume[]
  /** Default: in the order of the mounts. */
  volumes?: readonly Volume[]
}

/** A static pod of the control plane as kubeadm lays it out (util/staticpod). */
export function staticPod({ spec, release }: PodInput, parts: PodParts): KubeObject {
  const form = release.staticPods
  const { name, annotations, probe } = parts
  const port = form.namedProbePort ? 'probe-port' : probe.port
  const container = {
    name,
    image: imageFor(name, spec, release),
    imagePullPolicy: 'IfNotPresent',
    command: parts.command,
    ...probes(form.probes[name], { ...probe, port }),
    ...(form.namedProbePort
      ? { ports: [{ containerPort: probe.port, name: 'probe-port', protocol: 'TCP' }] }
      : {}),
    resources: { requests: form.requests[name] },
    volumeMounts: parts.mounts.map((volume) => ({
      mountPath: volume.mountPath ?? volume.path,
      name: volume.name,
      ...(volume.readOnly ? { readOnly: true } : {}),
    })),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...(annotations ? { annotations } : {}),
      ...(form.creationTimestamp ? { creationTimestamp: null } : {}),
      labels: { component: name, tier: 'control-plane' },
      name,
      namespace: 'kube-system',
    },
    spec: {
      ...form.podSpec,
      containers: [container],
      volumes: (parts.volumes ?? parts.mounts).map(({ name: volume, path, kind }) => ({
        hostPath: { path, type: kind },
        name: volume,
      })),
    },
    status: {},
  }
}
