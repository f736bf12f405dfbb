import { minorOf } from '../inventory/version.js'
import { supportedMinors } from '../kubernetes/releases/index.js'
import { insteadOfMinor } from '../kubernetes/releases/instead-of-minor.js'
import { isOlder } from '../kubernetes/releases/versions.js'
import type { UnknownRuns } from './node-runs.js'

/** Why a wished version is not gone to. */
export interface Refused {
  kind: 'refused'
  reason: 'downgrade' | 'unknown-minor' | 'unknown-version' | 'skew'
  what: string
  why: string
  next: string
}

/** Unknown is no permission: a machine that does not say what it runs may be the one that must not be passed. */
export const noVersion = (unknown: readonly UnknownRuns[]): Refused => ({
  kind: 'refused',
  reason: 'unknown-version',
  what: 'could not check which version of Kubernetes runs',
  why: unknown.map(({ host, program, why }) => `${host}: ${program}: ${why}`).join('\n'),
  next: 'fix the cause there and run again; nothing was changed',
})

/** @param wished of a minor that kubestrap has no data of */
export const unknownMinor = (wished: string): Refused => ({
  kind: 'refused',
  reason: 'unknown-minor',
  what: `Kubernetes ${wished} is not supported`,
  why: `kubestrap has no data of ${minorOf(wished)}`,
  next: insteadOfMinor(minorOf(wished), supportedMinors),
})

/** @param servers that run a minor which kubestrap has no data of */
export function tooOldOrNew(servers: readonly { host: string; version: string }[]): Refused {
  const first = supportedMinors[0] ?? ''
  const older = servers.every(({ version }) => isOlder(version, `${first}.0`))
  return {
    kind: 'refused',
    reason: 'unknown-minor',
    what: 'the cluster runs a version of Kubernetes that kubestrap does not know',
    why: servers.map(({ host, version }) => `kube-apiserver ${version} on ${host}`).join('\n'),
    next: older
      ? `upgrade the cluster to ${first} with kubeadm upgrade, minor by minor, and run again`
      : 'use a newer kubestrap',
  }
}

/**
 * kubeadm upgrades to no older minor either but by one, and not without --force; Kubernetes tests none: a newer API server may
 * have stored objects in a version that an older one cannot read, and etcd does not go back a minor.
 * @param newer programs with host and version
 */
export const downgrade = (wished: string, newer: readonly string[]): Refused => ({
  kind: 'refused',
  reason: 'downgrade',
  what: `Kubernetes ${wished} is older than what runs: a cluster cannot be downgraded`,
  why: `${newer.join('\n')}\nobjects may be stored in a form that an older API server cannot read, and etcd does not go back a minor`,
  next: 'set kubernetes.version to the newest version above or a later one; to go back, restore a snapshot of etcd and the files that were copied before the upgrade',
})

/** @param problems sentences of kubernetes/skew.ts: what the hop would break, by what is not reached in this run */
export const awayBehind = (to: string, problems: readonly string[]): Refused => ({
  kind: 'refused',
  reason: 'skew',
  what: `the cluster cannot go to Kubernetes ${to}: versions would be too far apart`,
  why: [...new Set(problems)].join('\n'),
  next: 'start the hosts named above that are away, or remove them from the cluster (kubestrap remove), and run again',
})
