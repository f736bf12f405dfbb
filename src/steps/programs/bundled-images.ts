import { addOnsRelease } from '../../cluster/cluster-release.js'
import type { Context } from '../../cluster/context.js'
import { isControlPlane, type Machine } from '../../cluster/machine.js'
import { imageFor } from '../../kubernetes/images.js'

type BundledImages = ReturnType<Context['bundle']['imagesFor']>

/**
 * Images that a node gets from the bundle: those of its role, without etcd's where etcd is not on control planes, and that of
 * verification. A worker gets CoreDNS's too, which bundles list with the control plane: its Pods go to any node when theirs is
 * drained, and could not be pulled there.
 */
export function bundledImages(context: Context, machine: Machine): BundledImages {
  const { bundle } = context
  const { arch } = machine.facts
  return [
    ...(isControlPlane(machine) ? controlPlaneImages(context, machine) : coreDns(context, machine)),
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

function coreDns(context: Context, { facts: { arch } }: Machine): BundledImages {
  const { bundle, spec } = context
  if (!spec.dns.enabled) return []
  const wanted = imageFor('coredns', spec, addOnsRelease(context))
  return bundle.imagesFor('control-plane', arch).filter(({ reference }) => reference === wanted)
}
