import semver from 'semver'

/**
 * What to do about a minor that is not supported.
 * @param minor "1.19"
 * @param minors those that are, oldest first
 */
export function insteadOfMinor(minor: string, minors: readonly string[]): string {
  const newest = minors.at(-1)
  const newer = newest !== undefined && semver.gt(`${minor}.0`, `${newest}.0`)
  return `set kubernetes.version to a version of ${minorsText(minors)}${newer ? ', or use a newer kubestrap' : ''}`
}

/** "1.20 to 1.37" of minors that follow each other, oldest first; a list of others. */
function minorsText(minors: readonly string[]): string {
  const numbers = minors.map((minor) => Number(minor.split('.')[1]))
  const follow = numbers.every((number, index) => index === 0 || number === (numbers[index - 1] ?? 0) + 1)
  return follow && minors.length > 2 ? `${minors[0]} to ${minors.at(-1)}` : minors.join(', ')
}
