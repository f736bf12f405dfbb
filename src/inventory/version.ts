import semver from 'semver'

/** "1.20.2" from "1.20.2" or "v1.20.2"; undefined for anything else, pre-releases included. */
export function parseVersion(text: string): string | undefined {
  const parsed = semver.parse(text.replace(/^v/, ''))
  return parsed && parsed.prerelease.length === 0 && parsed.build.length === 0 ? parsed.version : undefined
}

/** "1.20 to 1.37" of minors that follow each other, oldest first; a list of others. */
export function minorsText(minors: readonly string[]): string {
  const numbers = minors.map((minor) => Number(minor.split('.')[1]))
  const follow = numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  return follow && minors.length > 2 ? `${minors[0]} to ${minors.at(-1)}` : minors.join(', ')
}

/** What to do about a minor that is not among these. */
export function insteadOf(minor: string, minors: readonly string[]): string {
  const newest = minors.at(-1)
  const newer = newest !== undefined && semver.gt(`${minor}.0`, `${newest}.0`)
  return `set kubernetes.version to a version of ${minorsText(minors)}${newer ? ', or use a newer kubestrap' : ''}`
}

/** "1.20" of "1.20.2". */
export function minorOf(version: string): string {
  return version.split('.').slice(0, 2).join('.')
}
