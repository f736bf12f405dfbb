import { isOlder, isVersion, minorAfter, minorsNewer } from './versions.js'

/**
 * Why `up` does not change the version of a living cluster in one run, and what will; undefined: it upgrades to it. No minor
 * is skipped (kubernetes.io/releases/version-skew-policy), and Kubernetes has no downgrades.
 * @param is "v1.35.6" @param wanted "v1.36.3"
 */
export function versionProblem(is: string, wanted: string): string | undefined {
  const [from, to] = [is, wanted].map((text) => text.replace(/^v/, '')) as [string, string]
  if (!isVersion(from) || !isVersion(to))
    return 'the version of the cluster is not understood: restore the old value'
  if (isOlder(to, from))
    return 'Kubernetes does not support downgrades: restore the old value, or create a new cluster'
  const count = minorsNewer(to, from)
  if (count <= 1) return undefined
  const minors: string[] = []
  for (let minor = minorAfter(from); minors.length < count; minor = minorAfter(`${minor}.0`))
    minors.push(minor)
  return `no minor version is skipped: upgrade to ${minors.join(', then to ')} (kubestrap upgrade plan shows the hops, kubestrap up --hops makes them)`
}
