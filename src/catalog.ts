import type { Balancer } from './balancers/balancer.js'
import { external } from './balancers/external.js'
import { haproxy } from './balancers/haproxy/haproxy.js'
import { kubeVip } from './balancers/kube-vip/kube-vip.js'
import { nodeLocal } from './balancers/node-local.js'
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
  balancers: [haproxy, nodeLocal, kubeVip, external] satisfies Balancer[],
  releaseFor,
}

/** What the inventory may name. */
export const known: Known = {
  minors: supportedMinors,
  runtimes: catalog.runtimes.map(({ id }) => id),
  networks: catalog.networks.map(({ id }) => id),
  balancers: catalog.balancers,
  mirrorsFor: (id) => catalog.runtimes.find((runtime) => runtime.id === id)?.mirrorsFor ?? 'any',
  runtimeProblem: (id, minor) => catalog.runtimes.find((runtime) => runtime.id === id)?.problem(minor),
}
