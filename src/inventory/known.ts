import type { Fields } from '../lib/field-type.js'

/** What the rest of kubestrap offers, told to the inventory so that it imports nothing from above. */
export interface Known {
  /** Kubernetes minors: "1.20". */
  minors: readonly string[]
  /** The version a new cluster has when its inventory names none: "1.36.3". */
  newest: string
  runtimes: readonly string[]
  networks: readonly string[]
  /** Programs that a runtime needs besides its packages, for a minor: "cri-dockerd". */
  programsFor(runtime: string, minor: string): readonly string[]
  /** Whether the community repositories have packages of a minor that is known. */
  hasPackages(minor: string): boolean
  /** Which registries a runtime may have mirrors for; with docker.io alone also no logins and paths. */
  mirrorsFor(runtime: string): 'any' | 'docker.io'
  balancers: readonly KnownBalancer[]
  /** Fields of the components' configurations in a minor that is known. */
  configurations(minor: string): Readonly<Record<'kubelet' | 'kubeProxy', Fields>>
  /** The runtime of a new cluster whose inventory names none, for a minor, known or not. */
  defaultRuntime(minor: string): string
  /** What to do about a minor that is not known. */
  insteadOf(minor: string): string
  /** Why a runtime cannot serve a minor; undefined when it can. */
  runtimeProblem(runtime: string, minor: string): string | undefined
}

/** A load balancer as the inventory has to know it; see src/balancers/balancer.ts. */
export interface KnownBalancer {
  id: string
  runsOn: 'load-balancer' | 'control-plane' | 'node' | 'nowhere'
  port: 'own' | 'api-server' | 'any'
  virtualIp: 'none' | 'possible' | 'needed'
  keys: readonly string[]
}
