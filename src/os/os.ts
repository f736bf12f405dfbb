import type { Facts } from '../host/facts/facts.js'

/** What kubestrap asks of an operating-system family. Scripts are constant text; names travel as arguments. */
export interface OperatingSystem {
  id: string
  matches(facts: Facts): boolean
  /** Prints one line `name version` for each of "$@" that is installed completely. Exit 0. */
  installedPackages: string
  /**
   * Installs "$@" without questions and without starting an upgrade of anything else. Follows
   * ledgerFunctions, and remembers as `package` what it adds, dependencies too, before it adds it.
   */
  installPackages: string
  /** Removes "$@", packages that installPackages added, and their configuration. */
  removePackages: string
  /** Prints the version of the package "$1" that installPackages would bring; nothing where that is not known. POSIX sh, the body of a function, which fails when it could not look. */
  offeredVersion: string
  /** Prints the name of the package that put the file "$1" there; nothing when none did. POSIX sh, the body of a function, which fails when it could not look. */
  owningPackage: string
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
  }
  /** Where the package of the CNI plug-ins puts them. */
  cniPluginDirectory: string
  /** EnvironmentFile a packaged kubelet unit reads for the operator's own flags. */
  kubeletDefaults: string
}
