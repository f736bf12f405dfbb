import type { Known } from './inventory/known.js'
import { releaseFor, supportedMinors } from './kubernetes/releases/index.js'
import { bridge } from './networks/bridge/bridge.js'
import { flannel } from './networks/flannel/flannel.js'
import type { Network } from './networks/network.js'
import { debian } from './os/debian.js'
import type { OperatingSystem } from './os/os.js'
import { containerd } from './runtimes/containerd/containerd.js'
import { docker } from './runtimes/docker/docker.js'
import type { Runtime } from './runtimes/runtime.js'

/** The one list of everything pluggable. */
export const catalog = {
  operatingSystems: [debian] satisfies OperatingSystem[],
  runtimes: [docker, containerd] satisfies Runtime[],
  networks: [bridge, flannel] satisfies Network[],
  releaseFor,
}

/** What the inventory may name. */
export const known: Known = {
  minors: supportedMinors,
  runtimes: catalog.runtimes.map(({ id }) => id),
  networks: catalog.networks.map(({ id }) => id),
  runtimeProblem: (id, minor) => catalog.runtimes.find((runtime) => runtime.id === id)?.problem(minor),
}
