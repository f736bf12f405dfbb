import semver from 'semver'
import { releaseFor } from './index.js'
import type { Release } from './release.js'

/**
 * What there is to say of a version that is supported, a sentence each, before it is used; nothing for one that is
 * tested and known.
 * @param version "1.20.2", of a supported minor
 * @param release default: that of the version's minor
 */
export function versionNotes(version: string, release: Release = releaseFor(version)): string[] {
  const { minor, patch, untested } = release
  const { etcd, coredns, pause } = release.images
  return [
    ...(untested
      ? [`Kubernetes ${minor} is untested: no cluster of real components was created with it yet`]
      : []),
    ...(semver.gt(version, patch)
      ? [
          `Kubernetes ${version} is newer than ${patch}, the newest patch release known here: it gets etcd ${etcd}, CoreDNS ${coredns} and pause ${pause}, as ${patch} does`,
        ]
      : []),
  ]
}
