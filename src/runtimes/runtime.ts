import type { Step } from '../engine/step.js'
import type { Facts } from '../host/facts/facts.js'
import type { Host } from '../host/host.js'
import type { Release } from '../kubernetes/releases/release.js'
import type { OperatingSystem } from '../os/os.js'
import type { Registry } from './registry.js'

/** An image on a host. */
export interface HostImage {
  reference: string
  /** "sha256:…" of the image's configuration. */
  id: string
  /** The image garbage collection of the kubelet leaves it, and who said so. */
  pinned?: 'by kubestrap' | 'by others'
}

/** How a runtime is told which images the kubelet's image garbage collection leaves alone (pinned, by the CRI). */
export interface Pins {
  /** Pins images "$@". POSIX sh. */
  pinScript: string
  /** Takes kubestrap's pins of images "$@" back; one that is gone is fine. POSIX sh. */
  unpinScript: string
}

export interface RuntimeSettings {
  /** Reference of the release's pause image. */
  pauseImage: string
  registries: readonly Registry[]
  /** Of the runtime, where it is known before it is installed. */
  version?: string | undefined
}

/** A part of a runtime that hosts fetch: files out of an archive, or a program as it is. */
export type ReleasedPart =
  | {
      project: RuntimeProject
      files: readonly (readonly [from: string, to: string])[]
      /** Directories that they fill when they run. */
      trees?: readonly string[]
    }
  | { project: RuntimeProject; path: string }

/** Projects whose releases runtimes are made of. */
export type RuntimeProject = 'containerd' | 'runc'

/** A machine as runtimes see it. */
export interface RuntimeHost {
  host: Host
  facts: Facts
  os: OperatingSystem
}

/** How a node, drained and with its kubelet stopped, leaves a runtime. */
export interface Leaving {
  /** Ids of the runtimes it may be left for. */
  for: readonly string[]
  /** Prints what is still to do, one thing a line: "remove 4 containers of Pods"; nothing when it is left. POSIX sh; fails when it could not look. */
  lookScript: string
  /** Ends what of Pods runs, which `lookScript` still tells. POSIX sh. */
  endScript: string
  /** Does what is still to do. What others run there goes on. POSIX sh. */
  script: string
}

/** How what a kubelet made on a runtime through its own code is handed to a program that speaks the CRI. */
export interface HandingOver {
  /** Prints what is still to do, one thing a line, and nothing once the kubelet speaks the CRI. POSIX sh; fails when it could not look. */
  lookScript: string
  /**
   * With the kubelet stopped: ends the Pods that cannot be handed over, which `lookScript` still tells, and prints the ids of
   * their sandboxes, one a line. POSIX sh.
   */
  endScript: string
  /** Does what is still to do. POSIX sh. */
  script: string
}

/** What kubestrap asks of a container runtime. */
export interface Runtime {
  id: string
  /** Path of the CRI's socket: "/var/run/dockershim.sock"; releases write it with or without a scheme. */
  criSocket: string
  /** Its systemd unit. */
  unit: string
  /** A restart of its daemon ends every container. */
  restartEndsContainers: boolean
  /** The programs its packages bring that must be theirs alone on a machine: "dockerd". */
  daemons: readonly string[]
  /** Which registries it may have mirrors for; with docker.io alone also no logins and no paths. */
  mirrorsFor: 'any' | 'docker.io'
  /** Why it cannot serve this release of Kubernetes, and what can; undefined when it can. */
  problem(release: Pick<Release, 'minor' | 'dockershim'>): string | undefined
  /** What hosts fetch of releases in place of packages. Absent: nothing. */
  released?: readonly ReleasedPart[]
  /** Its packages on this family of systems. */
  packages(os: OperatingSystem): readonly string[]
  /** Prints which version of it is there, else which its package would bring; nothing where that is not known. Absent: no minor asks. */
  versionLook?(os: OperatingSystem): { script: string; args: readonly string[] }
  /** Files to be there before the package is, so that the package starts the runtime with them, once. */
  configuration(machine: RuntimeHost, settings: RuntimeSettings): readonly Step[]
  /** Images present on the host. Throws when the runtime does not answer. */
  images(host: Host): Promise<readonly HostImage[]>
  /** Reads a docker-archive from stdin and adds its images. POSIX sh. */
  loadScript: string
  /** Absent: it has no pins, and the kubelet removes any image that no container uses when the disk is full. */
  pins?: Pins
  /** Pulls "$1" from its registry. POSIX sh. */
  pullScript: string
  /** Prints the ids of the running containers of static pod "$1", one a line. POSIX sh. */
  podContainersScript: string
  /** Ends the running container of static pod "$1", so that the kubelet starts it anew; killed after "$2" seconds, by default 20. POSIX sh. */
  restartPodScript: string
  /** A function of POSIX sh: `in_static_pod NAME COMMAND…` runs a program of a static Pod's image in its running container. */
  inPodFunction: string
  /** Prints the number of containers of pods, running or not. POSIX sh. */
  countContainersScript: string
  /** Removes every container of a pod; images stay. POSIX sh. */
  removeContainersScript: string
  /** Removes images "$@". POSIX sh. */
  removeImagesScript: string
  /** Fails, with the reason on stderr, when its daemon would not start with the configuration that is there. POSIX sh. */
  checkScript: string
  /** Prints what of it is left, on disk or in the kernel, when its packages are gone, one thing a line, for its user to know. POSIX sh. */
  tracesScript: string
  /** Programs it brings from the bundle, for /usr/bin: "cri-dockerd"; and the units that read them. */
  programs: readonly string[]
  programMarks: readonly string[]
  /** How a node leaves it for another. Absent: nodes keep it. */
  leaving?: Leaving
  /** What comes from kubelets that had it without the CRI. Absent: nothing. */
  handingOver?: HandingOver
  /** Units of ours that run beside its own. */
  furtherServices(machine: RuntimeHost): readonly Step[]
  /** Directories that the kubelet fills for it. */
  trees: readonly string[]
  /** Prints the names of running containers of kube-system, one a line. POSIX sh. */
  systemContainersScript: string
  /**
   * Two functions of POSIX sh. `system_containers` prints the containers of kube-system, running or not, the newest
   * first, as "NAME POD-UID ID STATE CODE STARTED ENDED": STATE is running or ended, CODE may be ?, times are
   * RFC 3339 in UTC or -; it fails when the runtime does not tell. `container_log ID [SINCE]` prints the end of what
   * one said, since such a time.
   */
  containerFunctions: string
  /** The kubelet's cgroup driver that fits this host's runtime. */
  cgroupDriver(facts: Facts): 'cgroupfs' | 'systemd'
}
