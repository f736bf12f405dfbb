import type { NodeRuns } from '../../src/upgrade/node-runs.js'

/** A control plane whose programs are of one version, but for its kubelet where that is told. */
export const plane = (host: string, version: string, kubelet = version): NodeRuns => ({
  host,
  apiServer: version,
  controllerManager: version,
  scheduler: version,
  kubelet,
})

export const worker = (host: string, kubelet: string): NodeRuns => ({ host, kubelet })

/** Three control planes and two workers. */
export const threeAndTwo = (version: string): NodeRuns[] => [
  ...['cp1', 'cp2', 'cp3'].map((host) => plane(host, version)),
  ...['w1', 'w2'].map((host) => worker(host, version)),
]
