import semver from 'semver'

/**
 * Why `up` does not change the version of a living cluster in one run, and what will; undefined: it upgrades to it. The
 * minors between are not skipped (kubernetes.io/releases/version-skew-policy), and Kubernetes has no downgrades.
 * @param is "v1.35.6" @param wanted "v1.36.3"
 */
export function versionProblem(is: string, wanted: string): string | undefined {
  const [from, to] = [semver.parse(is), semver.parse(wanted)]
  if (!from || !to) return 'the version of the cluster is not understood: restore the old value'
  if (semver.gt(from, to))
    return 'Kubernetes does not support downgrades: restore the old value, or create a new cluster'
  if (from.major !== to.major || to.minor - from.minor > 1) {
    const hops = Array.from({ length: to.minor - from.minor }, (_, i) => `${to.major}.${from.minor + i + 1}`)
    return `no minor version is skipped: upgrade to ${hops.join(', then to ')}; begin with the newest patch of ${hops[0]}`
  }
  return undefined
}
