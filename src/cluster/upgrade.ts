/** A living cluster that is to run another version of Kubernetes, as a run finds it. Versions are without v. */
export interface Upgrade {
  /** The oldest version that one of its machines runs. */
  from: string
  to: string
  /** Names of the control plane nodes whose static Pods change, in the order of their turns. */
  planes: readonly string[]
  /** Those of them on which nothing was changed yet. */
  untouched: ReadonlySet<string>
  /** Some of it was done in an earlier run, or by kubeadm: what was begun is gone on with. */
  begun: boolean
  /** The API did not answer the look. */
  silent: boolean
  /** Names of the nodes whose kubelet changes. */
  kubelets: ReadonlySet<string>
  /** Names of the nodes that are drained before their kubelet is restarted, as its minor changes (kubeadm's instructions). */
  drained: ReadonlySet<string>
}
