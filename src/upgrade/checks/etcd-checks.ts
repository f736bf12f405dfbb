import semver from 'semver'
import { versionOf } from '../../cluster/context.js'
import { etcdHop } from '../../cluster/etcd/hop.js'
import { clusterTarget } from '../../engine/step.js'
import { goneEtcdFlags } from '../../kubernetes/releases/gone-etcd-flags.js'
import type { Problem } from '../../preflight/check.js'
import { couldNotLook, type HopView, type UpgradeCheck } from './check.js'

/** Whether the etcd that runs can become the one of the new minor (of the first hop: each later one begins with another etcd), and whether that one starts. */
export const etcdChecks: readonly UpgradeCheck[] = [
  {
    name: 'EtcdUpgrade',
    about:
      'The etcd that runs can become the one of the new minor: one minor at a time, from a patch release that is safe to go from.',
    run: (view) => {
      const { looks, first, spec } = view
      if (!first || (spec.etcd.external && !isDownloaded(view))) return []
      if ('couldNot' in looks.etcd) return [couldNotLook(clusterTarget, looks.etcd.couldNot)]
      return looks.etcd.found.flatMap(({ name, version }) => ofMember(view, name, version))
    },
  },
  {
    name: 'RemovedEtcdFlags',
    about: 'etcd is given no flag that its version for the new minor no longer has.',
    run: (view) => {
      const { spec } = view
      const next = nextEtcd(view)
      if (next === null || (spec.etcd.external && !isDownloaded(view))) return []
      return Object.keys(spec.etcd.extraArgs).flatMap((flag): Problem[] => {
        const gone = goneEtcdFlags[flag]
        if (gone === undefined || semver.lt(next, `${gone.since}.0`)) return []
        return [
          {
            host: clusterTarget,
            severity: 'error',
            what: `etcd is given --${flag} by etcd.extraArgs (${spec.at('etcd')}); etcd would be ${next}, and from ${gone.since} on it does not start with it`,
            next: gone.instead
              ? `remove ${flag} there, or set ${gone.instead} in its place`
              : `remove ${flag} there`,
          },
        ]
      })
    },
  },
]

/** The etcd of the new minor, as far as the inventory does not hold it back; null where its tag is no version. */
const nextEtcd = ({ spec, to }: HopView): semver.SemVer | null =>
  semver.coerce((spec.etcd.external ? undefined : spec.etcd.imageTag) ?? versionOf(spec, to, 'etcd'))

/** Hosts with the role etcd that download it follow the release; of others the etcd is the one of the inventory, or not ours. */
const isDownloaded = ({ context, spec }: HopView): boolean =>
  context.etcdHosts !== undefined && spec.etcd.install.from === 'download'

function ofMember(view: HopView, host: string, runs: string): Problem[] {
  const { spec, to } = view
  const key = spec.etcd.external ? 'sources.versions.etcd' : 'etcd.imageTag'
  const next = nextEtcd(view)
  const now = semver.parse(runs)
  // a member that does not answer is told by EtcdHealthy
  if (next === null || now === null) return []
  if (semver.lt(next, to.minimumEtcd))
    return [
      {
        host,
        severity: 'error',
        what: `etcd would be ${next}, and Kubernetes ${to.minor} requires at least ${to.minimumEtcd}`,
        next: `remove ${key}, or set it to a newer one`,
      },
    ]
  const minors = etcdHop(runs, next.version) ?? 0
  const told = (severity: Problem['severity'], what: string, todo: string): Problem[] => [
    { host, severity, what: `etcd is ${runs}; ${what}`, next: todo },
  ]
  if (minors < 0)
    return told(
      'error',
      `${next} would be a downgrade, which etcd does not do`,
      `remove ${key}, or set it to a newer one`,
    )
  if (minors > 1)
    return told(
      'error',
      `it cannot skip a minor to ${next}`,
      `upgrade etcd one minor at a time (${key}), or go to the Kubernetes minors between one by one`,
    )
  const { etcdBefore } = to
  if (minors === 0 || etcdBefore === undefined) return []
  const { least, advised, why } = etcdBefore
  if (semver.lt(now, least))
    return told(
      'error',
      `it must be ${least} or later before ${next}: ${why}`,
      `set ${key} to ${advised}${spec.etcd.external ? '' : '-0'} or later with the version that runs, run kubestrap up, and upgrade then`,
    )
  return semver.lt(now, advised)
    ? told(
        'warning',
        `${advised} or later is advised before ${next}: ${why}`,
        `upgrade to the last patch release of the minor that runs first, or set ${key}`,
      )
    : []
}
