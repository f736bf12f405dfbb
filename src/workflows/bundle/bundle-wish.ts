import type { BundleImage } from '../../bundle/manifest.js'
import { catalog } from '../../catalog.js'
import { versionOf } from '../../cluster/context.js'
import { etcdHostSpecs } from '../../inventory/etcd-to-spec.js'
import type { ClusterSpec, HostSpec, Role } from '../../inventory/spec.js'
import { imageFor } from '../../kubernetes/images.js'
import { UserError } from '../../lib/errors.js'
import { runningImages } from '../../steps/programs/images-needed.js'

/** What a bundle for an inventory has for each architecture. */
export interface BundleWish {
  /** Programs of the Kubernetes release. */
  programs: readonly string[]
  /** The version of etcd and etcdctl for separate hosts; absent: none. */
  etcd?: string
  /** Programs that the inventory names as local files. */
  files: readonly { name: string; path: string; at: string }[]
  images: readonly { reference: string; needs: BundleImage['needs']; by: string; key: string }[]
}

/** Of every node, and kubeadm for people and for upgrades. */
const programs = ['kubelet', 'kubectl', 'kubeadm']

/**
 * What nodes of an inventory run: by roles, not by the hosts it has today, so that a worker that is added later finds its
 * images too. Throws UserError('inventory') for what there is no source of.
 */
export function bundleWish(spec: ClusterSpec): BundleWish {
  const release = catalog.releaseFor(spec.version)
  const bundled = etcdHostSpecs(spec).length > 0 && spec.etcd.install.from === 'bundle'
  return {
    programs,
    ...(bundled ? { etcd: versionOf(spec, release, 'etcd') } : {}),
    files: runtimeFiles(spec),
    images: imagesOf(spec),
  }
}

function runtimeFiles(spec: ClusterSpec): BundleWish['files'] {
  return catalog.runtimeFor(spec.runtime, catalog.releaseFor(spec.version)).programs.map((name) => {
    const path = spec.runtimePrograms[name]
    if (path !== undefined) return { name, path, at: spec.at('docker') }
    throw new UserError('inventory', `bundle create cannot add ${name} yet`, {
      why: `runtime ${spec.runtime} requires it for Kubernetes ${spec.minor} (${spec.at('runtime')}), and there is no source of it`,
      next: 'set docker: { criDockerd: PATH of the program }, or use runtime: containerd',
    })
  })
}

function imagesOf(spec: ClusterSpec): BundleWish['images'] {
  const choices: Parameters<typeof runningImages>[0] = {
    spec,
    network: pick(catalog.networks, spec.network),
    balancer: spec.loadBalancer && pick(catalog.balancers, spec.loadBalancer.type),
  }
  const release = catalog.releaseFor(spec.version)
  // its Pods are where the scheduler puts them, on workers too
  const dns = imageFor('coredns', spec, release)
  const found = new Map<string, BundleWish['images'][number]>()
  const add = (needs: BundleImage['needs'], roles: readonly Role[], host: HostSpec): void => {
    for (const image of runningImages(choices, { ...host, roles }, { own: release, addOns: release }))
      if (!found.has(image.reference))
        found.set(image.reference, { ...image, needs: image.reference === dns ? 'node' : needs })
  }
  const [host] = spec.hosts
  if (host) {
    add('node', ['worker'], host)
    add('control-plane', ['control-plane'], host)
  }
  // a node with a further role, that of a load balancer, may run more
  for (const one of spec.hosts) if (isNode(one)) add('node', one.roles, one)
  const verify = { reference: spec.verify.bundled, by: 'verification', key: 'verify.image' }
  if (!found.has(verify.reference)) found.set(verify.reference, { ...verify, needs: 'verify' })
  return [...found.values()]
}

const isNode = ({ roles }: HostSpec): boolean => roles.includes('control-plane') || roles.includes('worker')

/** A plug-in by its name, which the inventory's check knows. */
export function pick<T extends { id: string }>(from: readonly T[], id: string): T {
  const found = from.find((one) => one.id === id)
  if (!found) throw new Error(`${id} is not in the catalog`)
  return found
}
