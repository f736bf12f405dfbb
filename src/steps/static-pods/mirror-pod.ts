import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'

/** Whether a static pod's mirror is there, which goes when its kubelet has seen that the manifest has gone. */
export async function mirrorState(
  { kube }: Context,
  { spec }: Machine,
  name: string,
): Promise<'there' | 'gone' | 'unknown'> {
  const metadata = { name: `${name}-${spec.name}`, namespace: 'kube-system' }
  try {
    const pod = await (await kube()).get({ apiVersion: 'v1', kind: 'Pod', metadata })
    return pod === undefined ? 'gone' : 'there'
  } catch {
    return 'unknown'
  }
}
