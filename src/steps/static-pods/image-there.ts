import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import { staticPods } from '../../kubernetes/manifests/static-pods.js'
import { listAt, textAt } from '../../kubernetes/read.js'
import { UserError } from '../../lib/errors.js'
import { bundledImages } from '../programs/bundled-images.js'

/**
 * Looks once more for the image of a static Pod that is about to be replaced. Images that wait for their turn are used by no
 * container: a kubelet whose disk is full removes them (pkg/kubelet/images/image_gc_manager.go, every five minutes), and
 * nothing brings one of the bundle back while the kubelet waits for the Pod.
 * Throws UserError when it is gone: the Pod that runs is not touched.
 */
export async function imageThere(context: Context, machine: Machine, name: string): Promise<void> {
  const { host } = machine
  const needed = imagesOfPod(context, machine, name)
  const wanted = bundledImages(context, machine).filter(({ reference }) => needed.includes(reference))
  if (wanted.length === 0) return
  const present = await context.runtime.images(host)
  const gone = wanted.find(
    ({ reference, id }) => !present.some((one) => one.reference === reference && one.id === id),
  )
  if (!gone) return
  throw new UserError('step', `${name} is not changed: ${gone.reference} is no longer on ${host.name}`, {
    host: host.name,
    why: 'it was loaded, and is gone: the kubelet removes images that no container uses when the disk is full (imageGCHighThresholdPercent, 85 % by default)',
    next: `free disk space on ${host.name}, then run kubestrap up again: it loads the image`,
  })
}

function imagesOfPod({ spec }: Context, machine: Machine, name: string): string[] {
  const pod = staticPods(spec, machine.spec, machine.release.wanted, { caDirectories: [] }).get(name)
  return listAt(pod, 'spec', 'containers').map((container) => textAt(container, 'image'))
}
