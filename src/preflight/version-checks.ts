import semver from 'semver'
import { clusterRelease } from '../cluster/cluster-release.js'
import { type Context, versionOf } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
import { boundMissed } from '../kubernetes/releases/runtime-range.js'
import { type Check, onEach, type Problem } from './check.js'
import type { Versions } from './versions.js'

/** Versions that a kubelet or an API server of the release cannot work with, before anything is installed. */
export const versionChecks: readonly Check[] = [
  {
    name: 'RuntimeVersion',
    about:
      'The container runtime, installed or to be installed, is one that the kubelet of this release works with.',
    run: onEach((machine, context, { versions }) =>
      ofContainerd(context, machine, versions.get(machine.spec.name)),
    ),
  },
  {
    name: 'EtcdVersion',
    about: 'etcd by package has at least the version that the API server of this release requires.',
    run: onEach(({ spec, release }, context, { versions }) => {
      const { minor, minimumEtcd } = clusterRelease(context)
      const found = versions.get(spec.name)
      if (found === undefined || found === 'unknown' || !found.etcd) return undefined
      if (semver.gte(found.etcd, minimumEtcd)) return undefined
      return {
        severity: 'error',
        what: `the package of etcd is ${found.etcd}, and Kubernetes ${minor} requires at least ${minimumEtcd}`,
        next: `set etcd: { install: download }, which brings etcd ${versionOf(context.spec, release.wanted, 'etcd')}; for a host without a way out etcd: { install: tarball, tarball: { file: …, sha256: … } }`,
      }
    }),
  },
]

function ofContainerd(
  { runtime, spec }: Context,
  { spec: { name }, release }: Machine,
  found: Versions | 'unknown' | undefined,
): Omit<Problem, 'host'> | undefined {
  if (found === undefined || runtime.id !== 'containerd') return undefined
  const { minor, containerd, programs } = release.wanted
  const { least, below, advised } = containerd
  const other = runtime.released
    ? `remove sources.versions.containerd (by default ${programs.containerd})`
    : `set sources: { runtime: download }, which brings containerd ${versionOf(spec, release.wanted, 'containerd')}`
  if (found === 'unknown' || !found.runtime)
    return least || below
      ? {
          severity: 'warning',
          what: `could not check the version of containerd`,
          next: `check by hand on ${name}: Kubernetes ${minor} requires ${least ? `at least ${least.version}` : `one before ${below?.version}`}; if it is another, ${other}`,
        }
      : undefined
  const version = found.runtime
  const missed = boundMissed(containerd, version)
  if (missed)
    return {
      severity: 'error',
      what: `containerd ${version} is too ${missed.bound} for Kubernetes ${minor}: ${missed.why}`,
      next: `${other}; or install another one before (its own repository: os.repositories), or choose another Kubernetes version`,
    }
  if (advised && semver.lt(version, advised.version))
    return {
      severity: 'warning',
      what: `containerd ${version} works with Kubernetes ${minor}, and with no later one: ${advised.why}`,
      next: `nothing to do now; before the next minor containerd must be ${advised.version} or later: ${other}, or upgrade its package`,
    }
  return undefined
}
