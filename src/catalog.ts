import { balancers } from './balancers/all.js'
import type { Known } from './inventory/known.js'
import { caDirectories, releaseFor, supportedMinors } from './kubernetes/releases/index.js'
import { insteadOfMinor } from './kubernetes/releases/instead-of-minor.js'
import { newestTested } from './kubernetes/releases/newest-tested.js'
import type { Release } from './kubernetes/releases/release.js'
import { bridge } from './networks/bridge/bridge.js'
import { flannel } from './networks/flannel/flannel.js'
import type { Network } from './networks/network.js'
import { amazonSystem } from './os/amazon.js'
import { debianSystem } from './os/debian.js'
import { fedoraSystem } from './os/fedora.js'
import { flatcarSystem } from './os/flatcar.js'
import type { System } from './os/os.js'
import { rhelSystems } from './os/rhel.js'
import { suseSystems } from './os/suse.js'
import { ubuntuSystem } from './os/ubuntu.js'
import { containerd } from './runtimes/containerd/containerd.js'
import { releasedContainerd } from './runtimes/containerd/released.js'
import { dockerByCri } from './runtimes/docker/cri-dockerd.js'
import { docker } from './runtimes/docker/docker.js'
import type { Runtime } from './runtimes/runtime.js'

/** The one list of everything pluggable. */
export const catalog = {
  systems: [
    debianSystem,
    ubuntuSystem,
    ...rhelSystems,
    fedoraSystem,
    amazonSystem,
    ...suseSystems,
    flatcarSystem,
  ] satisfies System[],
  runtimes: [docker, dockerByCri, containerd] satisfies Runtime[],
  networks: [bridge, flannel] satisfies Network[],
  balancers,
  releaseFor,
  caDirectories,
  runtimeFor,
}

/** The runtime of this name for a release, of packages or released as programs. Throws (a bug) when none serves it: the inventory was checked. */
function runtimeFor(id: string, release: Release, released = false): Runtime {
  if (released && id === releasedContainerd.id) return releasedContainerd
  const found = catalog.runtimes.find((one) => one.id === id && one.problem(release) === undefined)
  if (!found) throw new Error(`${id} is not in the catalog for ${release.minor}`)
  return found
}

/** What the inventory may name. */
export const known: Known = {
  minors: supportedMinors,
  newest: newestTested(),
  runtimes: [...new Set(catalog.runtimes.map(({ id }) => id))],
  networks: catalog.networks.map(({ id }) => id),
  balancers: catalog.balancers,
  configurations: (minor) => {
    const { kubelet, kubeProxy } = releaseFor(minor)
    return { kubelet: kubelet.fields, kubeProxy: kubeProxy.fields }
  },
  hasPackages: (minor) => releaseFor(minor).communityPackages,
  mirrorsFor: (id) => catalog.runtimes.find((runtime) => runtime.id === id)?.mirrorsFor ?? 'any',
  // of a minor that is not known something is said already
  defaultRuntime: (minor) =>
    supportedMinors.includes(minor) && releaseFor(minor).dockershim === 'present' ? docker.id : containerd.id,
  insteadOf: (minor) => insteadOfMinor(minor, supportedMinors),
  runtimeProblem: (id, minor) => {
    const release = releaseFor(minor)
    const problems = catalog.runtimes.filter((one) => one.id === id).map((one) => one.problem(release))
    return problems.includes(undefined) ? undefined : problems[0]
  },
  programsFor: (id, minor) => {
    if (!supportedMinors.includes(minor)) return []
    const release = releaseFor(minor)
    return catalog.runtimes.find((one) => one.id === id && one.problem(release) === undefined)?.programs ?? []
  },
}
