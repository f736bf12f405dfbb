/** What the reader of an error of a drain can do; it depends on who asked for the drain. */
export interface DrainWords {
  /** Where Pods would be lost. */
  loss: string
  /** Where Pods did not leave in time. */
  late(name: string): string
  /** Where it was interrupted. */
  again(name: string): string
}

/** A drain before a change on a node. */
export const inRollout: DrainWords = {
  loss: 'delete these Pods, or allow their loss: rollout.drain.force for Pods without a controller, rollout.drain.deleteEmptyDirData for emptyDir volumes',
  late: () =>
    'the node was not interrupted; make room for its Pods on other nodes, change the PodDisruptionBudget, or raise rollout.drain.timeout; then run kubestrap up again',
  again: () => 'run kubestrap up again to finish',
}

const loss =
  'delete these Pods, or allow their loss: --force for Pods without a controller, --delete-emptydir-data for emptyDir volumes'
const room =
  'make room for its Pods on other nodes, change the PodDisruptionBudget, or raise --timeout, and run again'

/** A drain before what `kubestrap rollout` does to a node. */
export const ofRequest: DrainWords = {
  loss,
  late: () =>
    'the host was not touched; make room for its Pods on other nodes, change the PodDisruptionBudget, or raise --drain-timeout, and run again',
  again: () => 'run the same command again to finish; kubestrap up uncordons the node',
}

/** A drain for its own sake. */
export const asked: DrainWords = {
  loss,
  late: (name) => `${room}; kubestrap uncordon ${name} undoes the cordon`,
  again: (name) => `run kubestrap drain ${name} again to finish, or kubestrap uncordon ${name}`,
}

/** A drain of a host that leaves the cluster. */
export const beforeLeaving: DrainWords = {
  loss: `${loss}; or remove the host with its Pods: --no-drain`,
  late: (name) =>
    `${room}, or remove the host with its Pods: --no-drain; to keep the host, kubestrap uncordon ${name}`,
  again: (name) => `run again to finish; to keep the host, kubestrap uncordon ${name}`,
}
