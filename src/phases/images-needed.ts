import { imageFor, imagesNeeded } from '../kubernetes/images.js'
import { balancerSettings, carries } from './balancer-settings.js'
import { type Context, isNew } from './context.js'
import { isControlPlane, type Machine } from './machine.js'

/** An image that a machine will run, and what asks for it. */
export interface NeededImage {
  reference: string
  /** For messages: "Kubernetes 1.20.2", "network flannel". */
  by: string
  /** The key of the inventory that chooses it or its tag. */
  key: string
}

/** What chooses them. */
type Choices = Pick<Context, 'spec' | 'release' | 'network' | 'balancer'>

/**
 * Images that a node runs by what the inventory chooses. That of verification, which may be left out, is among them
 * only where no bundle has images for the node, and the node is new: the Pods of every node would wait for it. Later it
 * is no part of the cluster: the kubelet may remove it, and a verification has it pulled.
 */
export function imagesOf(context: Context, machine: Machine): NeededImage[] {
  const bundled = context.bundle.manifest.images.some(({ arch }) => arch === machine.facts.arch)
  return [
    ...runningImages(context, machine),
    ...(bundled || !isNew(context, machine)
      ? []
      : [{ reference: context.spec.verify.image, by: 'verification', key: 'verify.image' }]),
  ]
}

/** Those of them that run as long as the cluster does. */
export function runningImages(context: Choices, machine: Pick<Machine, 'spec'>): NeededImage[] {
  const { spec, release, network, balancer } = context
  const core = [
    ...(isControlPlane(machine) ? imagesNeeded('control-plane', spec, release) : []),
    ...imagesNeeded('node', spec, release),
  ].map((reference): NeededImage => {
    if (reference === imageFor('coredns', spec, release))
      return { reference, by: 'dns.enabled', key: 'dns.imageTag, or dns: { enabled: false }' }
    const etcd = reference === imageFor('etcd', spec, release)
    return {
      reference,
      by: etcd ? 'etcd' : `Kubernetes ${spec.version}`,
      key: etcd ? 'etcd.imageTag' : 'kubernetes.imageRepository',
    }
  })
  const carrying = balancer && carries(balancer, machine.spec) ? balancer : undefined
  return [
    ...core,
    ...network.images.map((reference) => ({ reference, by: `network ${network.id}`, key: 'network' })),
    ...(carrying?.images(balancerSettings(context)) ?? []).map((reference) => ({
      reference,
      by: `load balancer ${carrying?.id}`,
      key: 'loadBalancer.image',
    })),
  ]
}
