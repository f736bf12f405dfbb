import type { Facts } from '../host/facts/facts.js'
import type { BroughtPackages, Collecting, Offline } from './offline.js'
import type { RepositoryFiles, RepositoryWish } from './repository.js'

/** What kubestrap asks of an operating-system family. Scripts are constant text; names travel as arguments. */
export interface OperatingSystem {
  /** "debian", "ubuntu", "rhel", "fedora", "amazon", "suse", "flatcar". */
  id: string
  /**
   * Prints one line `name version` for each of "$@" that is installed completely, with the name it was asked by: a
   * package, or what an RPM provides. Exit 0.
   */
  installedPackages: string
  /**
   * Installs "$@" without questions and without starting an upgrade of anything else. Waits for a package manager that
   * is at work, with an end. Follows ledgerFunctions, and remembers as `package` what it adds, dependencies too,
   * before it adds it.
   */
  installPackages: string
  /** Fetches what installPackages would for "$@", and installs nothing: what follows does not need the network. Waits as it does. POSIX sh. */
  downloadPackages: string
  /** Removes "$@", packages that installPackages added, and their configuration. */
  removePackages: string
  /** Prints the version of the package "$1" that installPackages would bring; nothing where that is not known. POSIX sh, the body of a function, which fails when it could not look. */
  offeredVersion: string
  /** Prints every version of the package "$1" that its repositories have, the newest first; nothing where they have none. POSIX sh, the body of a function, which fails when it could not look. */
  availableVersions: string
  /** Between a package's name and its version, where installPackages is asked for one version. */
  versionSeparator: '=' | '-'
  /** What its repositories are made of. */
  packageFormat: 'deb' | 'rpm'
  /** Prints the name of the package that put the file "$1" there; nothing when none did. POSIX sh, the body of a function, which fails when it could not look. */
  owningPackage: string
  /** Prints the names of those of "$@" that no upgrade touches. POSIX sh; fails when it could not look. */
  heldPackages: string
  /** Keeps "$@", which are installed, from every upgrade. POSIX sh. */
  holdPackages: string
  /** Lets upgrades reach "$@", which are held, again. POSIX sh. */
  releasePackages: string
  /** What holding requires besides: a plug-in of the package manager. */
  holdNeeds: readonly string[]
  /** Whether a repository must have a suite. */
  needsSuite: boolean
  /** The files that make a repository known, by which only what its key signed is installed. */
  repository(wish: RepositoryWish): RepositoryFiles
  /**
   * Makes "$2", a file, one of the keys that packages are checked against, where the definition does not. Follows
   * ledgerFunctions; notes as `key`, and prints, the names of those that it adds, before it adds them. POSIX sh.
   */
  trustKey: string
  /** Prints those of "$@", names that trustKey printed, that packages are still checked against. POSIX sh; fails when it could not look. */
  trustedKeys: string
  /** Packages are no longer checked against "$@", names that trustedKeys printed. POSIX sh. */
  distrustKeys: string
  /** Fetches the lists of the repository "$1", by its id, whose files were written. POSIX sh. */
  readRepository: string
  /** What it calls the things kubestrap needs. */
  packages: {
    docker: readonly string[]
    containerd: readonly string[]
    cniPlugins: readonly string[]
    kubeletNeeds: readonly string[]
    haproxy: readonly string[]
    keepalived: readonly string[]
    /** With etcd and etcdctl in /usr/bin. */
    etcd: readonly string[]
    /** The policy for container runtimes, and semanage; of use where SELinux is on. */
    selinux: readonly string[]
  }
  /** Of these packages, the ones its own repositories do not have. */
  elsewhere: readonly string[]
  /** The containerd that its own repositories have, of a version of the system that keeps it: for a host that has not fetched its lists. */
  containerd?: string
  /** How it keeps the clock, the choice for a machine that has nothing first. Unit and package by the name the inventory has. */
  timeSync: readonly TimeSync[]
  /** What has kernel modules that a small installation lacks, for people. */
  kernelModules: string
  /** Where the package of the CNI plug-ins puts them. */
  cniPluginDirectory: string
  /** EnvironmentFile a packaged kubelet unit reads for the operator's own flags. */
  kubeletDefaults: string
  /** How packages are downloaded for other hosts of the system; absent: they cannot be yet. */
  collecting?: Collecting
  /** How packages are installed that the operator brings; absent: they cannot be yet. */
  offline?: Offline
  /** What the operator brings to this host instead of its repositories; absent: nothing. */
  brought?: BroughtPackages
  /** /usr comes with an image and cannot be written to: what cannot work on it and what can, for people. Absent: an ordinary system. */
  imageBased?: { why: string; next: string }
}

/** A service that keeps the clock. */
export interface TimeSync {
  id: TimeSyncId
  packages: readonly string[]
  unit: string
}

export type TimeSyncId = 'chrony' | 'systemd-timesyncd'

/** A system by its os-release(5), and what it is to kubestrap. */
export interface System {
  /** ID. */
  id: string
  /** VERSION_ID, or the part before a dot, of versions whose names and outputs are among the tests; ['*']: a rolling release. */
  known: readonly string[]
  /** Those of `known` on which a cluster of real components was created; absent: none. For the documentation. */
  ran?: readonly string[]
  /** The first version that can work at all, and why none before. */
  since?: { version: number; why: string }
  of(facts: Facts): OperatingSystem
}
