import { clusterTarget, type Need, type Step } from '../../engine/step.js'
import { renderYaml } from '../../kubernetes/render-yaml.js'
import { file } from '../../resources/file.js'
import type { Balancer, BalancerMachine, BalancerPeer, BalancerSettings } from '../balancer.js'
import { defaultImage, kubeVipPod } from './manifest.js'
import { manifestStep } from './manifest-step.js'

const admin = '/etc/kubernetes/admin.conf'
const superAdmin = '/etc/kubernetes/super-admin.conf'
export const manifestPath = '/etc/kubernetes/manifests/kube-vip.yaml'
/** First line of a manifest that is ours; kube-vip's own generator writes none. */
export const kubeVipMark = '# Written by kubestrap, which takes it away when the inventory has no kube-vip.'

/**
 * kube-vip on the control planes: a virtual IP, carried by one of them, whose own API server answers there.
 * From Kubernetes 1.29 on admin.conf has no rights until the first API server runs and kubestrap (as kubeadm)
 * has given them, which asks for an address that only kube-vip's lease brings: the control plane a cluster is
 * born on therefore begins with super-admin.conf and goes over to admin.conf when the rights are there.
 */
export const kubeVip: Balancer = {
  id: 'kube-vip',
  runsOn: 'control-plane',
  port: 'api-server',
  virtualIp: 'needed',
  keys: ['interface', 'image'],
  answersAlone: false,
  adminReaders: ['kube-vip'],
  remains: [
    {
      of: [`file:${manifestPath}`, 'manifest:kube-vip'],
      files: [manifestPath],
      by: { firstLine: kubeVipMark },
    },
  ],
  packages: () => [],
  images: ({ image = defaultImage }) => [image],
  steps: (machine, all, settings) => {
    const texts = manifests(machine, settings)
    return first(machine, all)
      ? [manifestStep(machine.host, manifestPath, texts)]
      : [manifest(machine, texts.settled)]
  },
  settledSteps: (machine, all, settings) =>
    first(machine, all)
      ? [manifest(machine, manifests(machine, settings).settled, [`${clusterTarget}/@cluster-config`])]
      : [],
}

/** Whether it may have to begin with the rights that are there from the start. */
function first({ name, superAdmin: has }: BalancerMachine, all: readonly BalancerPeer[]): boolean {
  return has && all[0]?.name === name
}

function manifests(machine: BalancerMachine, settings: BalancerSettings) {
  const { virtualIp } = settings
  if (virtualIp === undefined) throw new Error('kube-vip without a virtual IP')
  const text = (kubeconfig: string): string =>
    `${kubeVipMark}\n${renderYaml(kubeVipPod(machine, { ...settings, virtualIp }, kubeconfig))}`
  return { settled: text(admin), newborn: text(superAdmin) }
}

function manifest({ host }: BalancerMachine, content: string, needs?: readonly Need[]): Step {
  return file(host, {
    path: manifestPath,
    title: 'manifest of kube-vip, with admin.conf',
    content,
    mode: '0600',
    ...(needs ? { needs } : {}),
  })
}
