import { isMapping } from '../lib/is-mapping.js'
import { parsedYaml } from '../lib/parsed-yaml.js'
import { plainValue } from '../lib/plain-value.js'

/** The manifests of the control plane and of stacked etcd. */
export const manifestFiles = {
  apiServer: '/etc/kubernetes/manifests/kube-apiserver.yaml',
  controllerManager: '/etc/kubernetes/manifests/kube-controller-manager.yaml',
  scheduler: '/etc/kubernetes/manifests/kube-scheduler.yaml',
  etcd: '/etc/kubernetes/manifests/etcd.yaml',
} as const

/** The flags a static Pod is started with, by its manifest. */
export function flagsOf(text: string | undefined): ReadonlyMap<string, string> {
  const { command, args } = containerOf(text)
  const words = [command, args].flatMap((list): unknown[] => (Array.isArray(list) ? list : []))
  return new Map(
    words.flatMap((word) => {
      const [, name, value] = /^--([^=]+)=(.*)$/s.exec(plainValue(word)) ?? []
      return name === undefined || value === undefined ? [] : [[name, value] as const]
    }),
  )
}

/** The tag of a static Pod's image, by its manifest: "v1.36.2"; undefined when it does not say. */
export const imageTagIn = (manifest: string | undefined): string | undefined =>
  tagOf(containerOf(manifest).image)

function containerOf(text: string | undefined): Record<string, unknown> {
  const { spec } = parsedYaml(text)
  const containers = isMapping(spec) ? spec.containers : undefined
  const first: unknown = Array.isArray(containers) ? containers[0] : undefined
  return isMapping(first) ? first : {}
}

/** "v1.36.2" of "registry.k8s.io/kube-apiserver:v1.36.2@sha256:…"; undefined when it has no tag. */
/** The tag of an image where it is a version: "v1.36.2", "3.5.24-0". */
export function tagOf(image: unknown): string | undefined {
  return /:(v?\d[^/:@]*)(?:@|$)/.exec(typeof image === 'string' ? image : '')?.[1]
}
