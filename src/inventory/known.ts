/** What the rest of kubestrap offers, told to the inventory so that it imports nothing from above. */
export interface Known {
  /** Kubernetes minors: "1.20". */
  minors: readonly string[]
  runtimes: readonly string[]
  networks: readonly string[]
  /** Why a runtime cannot serve a minor; undefined when it can. */
  runtimeProblem(runtime: string, minor: string): string | undefined
}
