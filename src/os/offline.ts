import type { RepositoryFile } from './repository.js'

/** One package, as its package manager and its file have it. */
export interface PackageFile {
  name: string
  version: string
  /** As the package manager names it: "amd64", "all". */
  arch: string
  /** SHA-256 of the file, lower-case hex, and its size. */
  sha256: string
  size: number
  /** What else the package manager must know to choose it, by field: "Depends". */
  control: Readonly<Record<string, string>>
}

/** Packages that the operator brings to a host. */
export interface BroughtPackages {
  /** For people: "debian 12 for amd64". */
  system: string
  packages: readonly BroughtFile[]
}

/** A package whose file the operator has. */
export interface BroughtFile extends PackageFile {
  /** Absolute path on the operator's side. */
  path: string
}

/** A package that is to be downloaded. */
export interface ChosenPackage extends Omit<PackageFile, 'control'> {
  /** Name of its file where it is downloaded. */
  from: string
}

/**
 * How packages are downloaded on one host for others. Nothing is installed there, and nothing but a directory for temporary
 * files is changed. What that host has installed does not matter: all dependencies are downloaded. Scripts are POSIX sh.
 */
export interface Collecting {
  /**
   * Reads the lists of the host's repositories into a new directory, and prints `directory PATH`, then a line
   * `FILE SIZE SHA256` for each file that installing takes. "$1" is the number of repositories that the inventory adds, each
   * with three arguments: the name of its definition, the definition, its key. Then packages, in groups: "--" and names.
   */
  choose: string
  /** Downloads them into that directory, "$1"; then groups as above. Prints `file NAME` and control data for each. */
  download: string
  /** Writes at most 16 MiB of the file "$2" of the directory "$1" from the MiB "$3" on to standard output. */
  read: string
  /** Removes the directory "$1". */
  forget: string
  /** A package by its line of `choose`; undefined where it cannot be one for that architecture. */
  packageIn(line: string, arch: string): ChosenPackage | undefined
  /**
   * What must be known of a package, of the control data that `download` printed; undefined where those are of another one.
   */
  controlOf(said: string, chosen: ChosenPackage): PackageFile['control'] | undefined
}

/** MiB that `Collecting.read` gives at once. */
export const readMebibytes = 16

/** How packages are installed from files in a directory of the host, without any repository. */
export interface Offline {
  /** What makes the directory a repository of these packages for its package manager; their own files may come later. */
  repository(directory: string, packages: readonly PackageFile[]): readonly RepositoryFile[]
  /** Prints, by `nameOf`, the packages whose files must be in the directory "$1" for installing the rest of "$@". POSIX sh. */
  neededFiles: string
  /** How the package manager calls the file of a package. */
  nameOf(one: Pick<PackageFile, 'name' | 'version' | 'arch'>): string
  /** The name of its file in that directory, and in a bundle: of letters, digits, ".", "_", "+", "@", "-". */
  fileOf(one: Pick<PackageFile, 'name' | 'version' | 'arch'>): string
  /** As `installPackages`, from the directory "$1", which it then removes. */
  installPackages: string
}
