import { HostKeyUnknown } from '../../host/ssh/host-keys.js'
import type { Draft } from '../../inventory/new/draft.js'
import type { WantedHost } from '../../inventory/new/wanted-hosts.js'
import type { ClusterSpec } from '../../inventory/spec.js'
import { quorumOf, toleranceOf } from '../../kubernetes/etcd/quorum.js'
import { versionNotes } from '../../kubernetes/releases/version-notes.js'
import { exitCodes } from '../../lib/errors.js'
import { visibleLine } from '../../lib/visible.js'
import { indent, table } from '../../ui/format.js'
import type { LookedAt } from '../../workflows/look-at-machines.js'

/** A host of the new inventory and how the look at it ended. */
export interface Found extends LookedAt {
  wanted: WantedHost
}

/** Architectures that Kubernetes releases have programs for and kubestrap was made for. */
const architectures = ['amd64', 'arm64']

/** The hosts as they were written. */
export function hostTable({ hosts }: Draft): string {
  return table([
    ['NAME', 'ADDRESS', 'ROLES', 'MACHINE'],
    ...hosts.map(({ name, address, roles, comment }) => [name, address, roles.join(','), comment || '-']),
  ])
}

/** What a reader must know of the machines, a warning each. */
export const machineWarnings = (found: readonly Found[]): string[] => found.flatMap(ofMachine)

/** Whether a host was connected to, and could not be looked at. */
export const unseen = (found: readonly Found[]): boolean => found.some(({ error }) => error !== undefined)

/**
 * How to look once more: what the advice calls by keys of the inventory has options here.
 * @param file the inventory that was written; undefined for standard output
 */
export const lookAgain = (file: string | undefined): string =>
  `to look again: ${file === undefined ? '' : `remove ${file}, and `}run kubestrap new with --user, --key, --port, --password or --sudo-password, which set the keys ssh.user, ssh.key and so on`

/** And of the cluster that they would be. */
export const clusterWarnings = (spec: ClusterSpec): string[] => [
  ...evenMembers(spec),
  ...versionNotes(spec.version),
]

function ofMachine({ wanted: { target }, look, error }: Found): string[] {
  if (error)
    return [
      [
        `${target} could not be looked at: ${error.message}`,
        ...(error.why ? [indent(error.why.trimEnd())] : []),
        ...(error.next ? [`  → ${error.next}`] : []),
        ...(error instanceof HostKeyUnknown
          ? ['  → to look at machines with unknown host keys: kubestrap new --host-keys accept-new']
          : []),
      ].join('\n'),
    ]
  if (look.kind === 'unseen') return []
  const { cluster, unfit, arch, root } = look.sight
  return [
    ...(cluster === undefined
      ? []
      : [
          `${target} already belongs to ${cluster}\n  → remove the host from the file, unless it is a node of this very cluster or was reset`,
        ]),
    ...(unfit ? [`${target}: ${visibleLine(unfit.what)}\n  → ${visibleLine(unfit.next)}`] : []),
    ...(architectures.includes(arch)
      ? []
      : [`${target}: architecture ${visibleLine(arch)} is not one of ${architectures.join(', ')}`]),
    ...(root === 'sudo-asks'
      ? [
          `${target}: sudo asks for a password, so ssh.sudo.password was set (env:NAME, file:PATH, command:COMMAND, prompt)`,
        ]
      : typeof root === 'object'
        ? [
            `${target}: the login user cannot become root: ${root.refused}\n  → allow it to run /bin/sh by sudo, or log in as root (ssh.user)`,
          ]
        : []),
  ]
}

/** As the preflight check EtcdMembers has it. */
function evenMembers({ hosts, etcd }: ClusterSpec): string[] {
  const role = etcd.external ? 'etcd' : 'control-plane'
  const { length: n } = hosts.filter(({ roles }) => roles.includes(role))
  if (n % 2 === 1 || n === 0) return []
  return [
    `${n} ${etcd.external ? 'etcd hosts' : 'control plane nodes'} are ${n} etcd members: a write needs ${quorumOf(n)} of them, so ${toleranceOf(n)} may fail, as with ${n - 1}\n  → use ${n - 1} or ${n + 1}`,
  ]
}

/** The exit code where the file was written: a look that failed, or a machine that is taken, is no success. */
export function codeOf(found: readonly Found[]): number {
  if (unseen(found)) return exitCodes.connection
  const taken = found.some(({ look }) => look.kind === 'seen' && look.sight.cluster !== undefined)
  return taken ? exitCodes.preflight : exitCodes.ok
}
