import semver from 'semver'

/**
 * How many minors of etcd lie between two versions, or image tags ("3.5.24-0"): 0 for patch releases of one minor, negative for
 * the way back, in the thousands over a major; undefined where one names no version. Pure.
 */
export function etcdHop(from: string, to: string): number | undefined {
  const [is, next] = [semver.coerce(from), semver.coerce(to)]
  return is && next ? (next.major - is.major) * 1000 + next.minor - is.minor : undefined
}
