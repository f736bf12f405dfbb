import semver from 'semver'
import { clusterRelease } from '../cluster/cluster-release.js'
import type { Context } from '../cluster/context.js'
import type { Machine } from '../cluster/machine.js'
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
    run: onEach(({ spec }, context, { versions }) => {
      const { minor, minimumEtcd } = clusterRelease(context)
      const found = versions.get(spec.name)
      if (found === undefined || found === 'unknown' || !found.etcd) return undefined
      if (semver.gte(found.etcd, minimumEtcd)) return undefined
      return {
        severity: 'error',
        what: `the package of etcd is ${found.etcd}, and Kubernetes ${minor} requires at least ${minimumEtcd}`,
        next: 'use a release of etcd: etcd: { install: tarball, tarball: { file: …, sha256: … } }',
      }
    }),
  },
]

function ofContainerd(
  { runtime }: Context,
  { spec, release }: Machine,
  found: Versions | 'unknown' | undefined,
): Omit<Problem, 'host'> | undefined {
  if (found === undefined || runtime.id !== 'containerd') return undefined
  const { minor, containerd } = release.wanted
  const { least, below, advised } = containerd
  if (found === 'unknown' || !found.runtime)
    return least || below
      ? {
          severity: 'warning',
          what: `could not check the version of containerd`,
          next: `check by hand on ${spec.name}: Kubernetes ${minor} requires ${least ? `at least ${least.version}` : `one before ${below?.version}`}`,
        }
      : undefined
  const version = found.runtime
  const other =
    'install another one before (its own repository: os.repositories), or choose another Kubernetes version'
  if (least && semver.lt(version, least.version))
    return {
      severity: 'error',
      what: `containerd ${version} is too old for Kubernetes ${minor}: ${least.why}`,
      next: other,
    }
  if (below && semver.gte(version, below.version))
    return {
      severity: 'error',
      what: `containerd ${version} is too new for Kubernetes ${minor}: ${below.why}`,
      next: other,
    }
  if (advised && semver.lt(version, advised.version))
    return {
      severity: 'warning',
      what: `containerd ${version} works with Kubernetes ${minor}, and with no later one: ${advised.why}`,
      next: `nothing to do now; upgrade containerd to ${advised.version} or later before the next minor`,
    }
  return undefined
}
