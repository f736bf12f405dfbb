import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { manifestPath } from '../static-pods/manifest-path.js'
import { mirrorState } from '../static-pods/mirror-pod.js'
import { looksPerSecond, untilEtcdEnded } from './until-ended.js'

/** The kubelet looks at its manifests every 20 s at the latest. */
const noticedMs = 45_000

/**
 * Ends a member whose data was gone, for good. Until then its kubelet starts it again and again, with the id it
 * had: it fails ("tocommit is out of range"), and leaves in the empty directory beginnings of data under that id,
 * with which its successor would never be heard. So its manifest goes, and when nothing runs any more those
 * beginnings do: the cluster removes that id, and whatever it held is with the others.
 */
export async function stopDeadMember(context: Context, machine: Machine): Promise<void> {
  const { host } = machine
  const manifest = manifestPath('etcd')
  await host.mutate({
    what: `remove ${manifest}`,
    script: 'rm -f -- "$1"',
    args: [manifest],
    timeoutMs: 10_000,
  })
  const deadline = context.now().getTime() + noticedMs
  while ((await mirrorState(context, machine, 'etcd')) === 'there' && context.now().getTime() < deadline)
    await context.sleep(250)
  await host.mutate({
    what: 'wait until etcd has stopped, and remove the data of the failed start',
    script: `${untilEtcdEnded(context, looksPerSecond)}rm -rf -- "$1/member"
`,
    args: [context.spec.etcd.dataDir],
    timeoutMs: 90_000,
  })
}
