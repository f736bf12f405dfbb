import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { manifestPath } from '../static-pods/manifest-path.js'
import { looksPerSecond, untilEtcdEnded } from './until-ended.js'

/** The copy of a member's data, while its etcd becomes one of another minor. */
export const copyPath = '/var/lib/kubestrap/etcd-before'
/** What the etcd of the other minor made of the data, after the copy was put back. */
export const failedPath = '/var/lib/kubestrap/etcd-failed'

/** Data of several GiB on a slow disk. */
const copyMs = 600_000

/**
 * Ends the etcd of a machine, its manifest removed, and copies its data: an etcd of another minor may raise the version of the
 * data, which the one before does not read (etcd's downgrade guide). Only for a member that is the only one: of several, a member
 * with old data would have forgotten what it promised to the others.
 */
export async function copyData(context: Context, { host }: Machine): Promise<void> {
  await host.mutate({
    what: 'end etcd, and copy its data',
    script: `umask 077
rm -f -- "$1" || exit 1
${untilEtcdEnded(context, looksPerSecond)}mkdir -p -- "\${3%/*}" && rm -rf -- "$3" "$3.part" && cp -a -- "$2/member" "$3.part" && sync -f -- "$3.part" && mv -- "$3.part" "$3"
`,
    args: [manifestPath('etcd'), context.spec.etcd.dataDir, copyPath],
    timeoutMs: copyMs,
  })
}

/** Puts the copy in the place of the data, which go to `failedPath`; etcd does not run then, and has no manifest. */
export async function restoreData(context: Context, { host }: Machine): Promise<void> {
  await host.mutate({
    what: 'restore the data of etcd from before the change',
    // it may be between two starts: the kubelet sees at once that the manifest is gone
    script: `rm -f -- "$1" || exit 1
[ -d "$3/wal" ] || { echo "$3 is no copy of data of etcd" >&2; exit 1; }
${untilEtcdEnded(context, 5 * looksPerSecond)}rm -rf -- "$2/member.part" "$4" && cp -a -- "$3" "$2/member.part" && sync -f -- "$2/member.part" || exit 1
mv -- "$2/member" "$4.part" && mv -- "$2/member.part" "$2/member" && mv -- "$4.part" "$4"
`,
    args: [manifestPath('etcd'), context.spec.etcd.dataDir, copyPath, failedPath],
    timeoutMs: copyMs,
  })
}

/** Removes the copy. */
export async function forgetCopy({ host }: Machine): Promise<void> {
  await host.mutate({
    what: "remove the copy of etcd's data",
    script: 'rm -rf -- "$1" "$1.part"',
    args: [copyPath],
    timeoutMs: 120_000,
  })
}
