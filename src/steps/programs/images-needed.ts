import { addOnsRelease } from '../../cluster/cluster-release.js'
import { type Context, isNew } from '../../cluster/context.js'
import { isControlPlane, type Machine } from '../../cluster/machine.js'
import type { HostSpec } from '../../inventory/spec.js'
import { type ImageReleases, imageFor, imagesNeeded } from '../../kubernetes/images.js'
import { balancerSettings, carries } from '../balancer/balancer-settings.js'

/** An image that a machine will run, and what asks for it. */
export interface NeededImage {
  reference: string
  /** For messages: "Kubernetes 1.20.2", "network flannel". */
  by: string
  /** The key of the inventory that chooses it or its tag. */
  key: string
}

/** What chooses them. */
type Choices = Pick<Context, 'spec' | 'network' | 'balancer'>

/**
 * Images that a node runs by what the inventory chooses. That of verification, which may be left out, is among them
 * only where no bundle has images for the node, and on new nodes: the Pods of every node would wait for it. Later it is no
 * part of the cluster: the kubelet may remove it, and a verification has it pulled.
 */
export function imagesOf(
  context: Choices & Pick<Context, 'bundle' | 'etcdHosts' | 'machines'>,
  machine: Machine,
): NeededImage[] {
  const bundled = context.bundle.manifest.images.some(({ arch }) => arch === machine.facts.arch)
  return [
    ...runningImages(context, machine.spec, { own: machine.release.wanted, addOns: addOnsRelease(context) }),
    ...(bundled || !isNew(context, machine)
      ? []
      : [{ reference: context.spec.verify.image, by: 'verification', key: 'verify.image' }]),
  ]
}

/** Those of them that run as long as the cluster does. */
export function runningImages(context: Choices, host: HostSpec, releases: ImageReleases): NeededImage[] {
  const { spec, network, balancer } = context
  const proxy = imageFor('kube-proxy', spec, releases.addOns)
  const core = [
    ...(isControlPlane({ spec: host }) ? imagesNeeded('control-plane', spec, releases) : []),
    ...imagesNeeded('node', spec, releases),
  ].map((reference): NeededImage => {
    if (reference === imageFor('coredns', spec, releases.addOns))
      return { reference, by: 'dns.enabled', key: 'dns.imageTag, or dns: { enabled: false }' }
    const etcd = reference === imageFor('etcd', spec, releases.own)
    return {
      reference,
      by: etcd
        ? 'etcd'
        : `Kubernetes ${reference === proxy ? releases.addOns.version : releases.own.version}`,
      key: etcd ? 'etcd.imageTag' : 'kubernetes.imageRepository',
    }
  })
  const carrying = balancer && carries(balancer, host) ? balancer : undefined
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
