import type { Json } from '../kubernetes/client/kube-client.js'
import { at, textAt } from '../kubernetes/read.js'
import type { Context } from './context.js'
import type { Machine } from './machine.js'

/** The kubelet sees a changed manifest at once, or at its next look after 20 s (fileCheckFrequency). */
const withinMs = 45_000

/**
 * Changes a static pod's manifest and waits until the kubelet has made its pod anew, which its mirror tells by
 * another `kubernetes.io/config.hash` (as `kubeadm upgrade` does).
 * @returns false when that cannot be told: no API answers, or the new text means the same pod
 */
export async function untilNewPod(
  context: Context,
  machine: Machine,
  name: string,
  change: () => Promise<void>,
): Promise<boolean> {
  const before = await mirrorHash(context, machine, name)
  await change()
  if (before === undefined) return false
  const deadline = context.now().getTime() + withinMs
  while (context.now().getTime() < deadline) {
    const now = await mirrorHash(context, machine, name)
    if (now !== undefined && now !== before) return true
    await context.sleep(250)
  }
  return false
}

/** Whether a static pod's mirror is there, which goes when its kubelet has seen that the manifest has gone. */
export async function mirrorState(
  context: Context,
  machine: Machine,
  name: string,
): Promise<'there' | 'gone' | 'unknown'> {
  try {
    return (await mirrorOf(context, machine, name)) === undefined ? 'gone' : 'there'
  } catch {
    return 'unknown'
  }
}

async function mirrorHash(context: Context, machine: Machine, name: string): Promise<string | undefined> {
  try {
    const pod = await mirrorOf(context, machine, name)
    return textAt(at(pod, 'metadata', 'annotations'), 'kubernetes.io/config.hash') || undefined
  } catch {
    // the API server may be the very one that restarts
    return undefined
  }
}

async function mirrorOf({ kube }: Context, { spec }: Machine, name: string): Promise<Json | undefined> {
  const metadata = { name: `${name}-${spec.name}`, namespace: 'kube-system' }
  return (await kube()).get({ apiVersion: 'v1', kind: 'Pod', metadata })
}
