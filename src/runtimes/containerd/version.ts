/**
 * Prints the version of containerd that is there, else of the package "$1" that would be installed. POSIX sh.
 * @param offeredVersion the operating system's script for the latter
 */
export const versionScript = (offeredVersion: string): string => `
offered() {
${offeredVersion}
}
if command -v containerd >/dev/null; then containerd --version; else offered "$1"; fi
`

/** "containerd containerd.io v1.7.24 88bf…", "containerd github.com/…/v2 2.1.9", "1.6.20~ds1-1" → the first number; undefined when it is not known. */
export function majorOf(said: string): number | undefined {
  const [, major] = /(?:^|\s)v?(\d+)\.\d+/.exec(said) ?? []
  return major === undefined ? undefined : Number(major)
}
