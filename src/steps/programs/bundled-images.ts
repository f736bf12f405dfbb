import type { Context } from '../../cluster/context.js'
import { isControlPlane, type Machine } from '../../cluster/machine.js'
import { imageFor } from '../../kubernetes/images.js'

type BundledImages = ReturnType<Context['bundle']['imagesFor']>

/** Images that a node gets from the bundle: those of its role, without etcd's where etcd is not on control planes, and that of verification. */
export function bundledImages(context: Context, machine: Machine): BundledImages {
  const { bundle } = context
  const { arch } = machine.facts
  return [
    ...(isControlPlane(machine) ? controlPlaneImages(context, machine) : []),
    ...bundle.imagesFor('node', arch),
    ...bundle.imagesFor('verify', arch),
  ]
}

function controlPlaneImages({ bundle, spec }: Context, { facts: { arch }, release }: Machine): BundledImages {
  const [etcd = ''] = imageFor('etcd', spec, release.wanted).split(/:(?=[^/]*$)/)
  return bundle
    .imagesFor('control-plane', arch)
    .filter(({ reference }) => !spec.etcd.external || !reference.startsWith(`${etcd}:`))
}
