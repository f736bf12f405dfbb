import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import { unitRuns } from '../../resources/unit-runs.js'

/** Whether the kubelet of a host runs: without it nothing brings back what is ended. */
export const kubeletRuns = (host: Machine['host']): Promise<boolean> => unitRuns(host, kubeletUnit)
