import { argumentList } from '../arguments.js'
import type { KubeObject } from '../kube-object.js'
import { healthPorts } from './health-ports.js'
import { kubernetesDirectory, pkiDirectory as pki } from './paths.js'
import { staticPod } from './pod.js'
import { probeHost } from './probes.js'
import type { PodInput } from './static-pods.js'
import { byName, certificateVolumes, extraVolumes, type Volume } from './volume.js'

const kubeconfig = `${kubernetesDirectory}/controller-manager.conf`

/** kube-controller-manager (kubeadm: phases/controlplane, getControllerManagerCommand). */
export function controllerManagerPod(input: PodInput): KubeObject {
  const { spec, release, facts } = input
  const { extraArgs } = spec.controllerManager
  const flexVolumes = extraArgs['flex-volume-plugin-dir'] ?? release.staticPods.flexVolumeDirectory
  const { podSubnet, serviceSubnet } = spec.networking
  const flags = {
    'authentication-kubeconfig': kubeconfig,
    'authorization-kubeconfig': kubeconfig,
    'bind-address': '127.0.0.1',
    'client-ca-file': `${pki}/ca.crt`,
    'cluster-name': spec.clusterName,
    'cluster-signing-cert-file': facts.signingCertificate ?? `${pki}/ca.crt`,
    'cluster-signing-key-file': `${pki}/ca.key`,
    controllers: '*,bootstrapsigner,tokencleaner',
    kubeconfig,
    'leader-elect': 'true',
    'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
    'root-ca-file': `${pki}/ca.crt`,
    'service-account-private-key-file': `${pki}/sa.key`,
    'use-service-account-credentials': 'true',
    ...(podSubnet
      ? {
          'allocate-node-cidrs': 'true',
          'cluster-cidr': podSubnet,
          'service-cluster-ip-range': serviceSubnet,
        }
      : {}),
    ...release.staticPods.flags['kube-controller-manager'],
  }
  return staticPod(input, {
    name: 'kube-controller-manager',
    command: ['kube-controller-manager', ...argumentList(flags, extraArgs)],
    probe: {
      host: probeHost(extraArgs['bind-address'] ?? '127.0.0.1'),
      port: healthPorts['kube-controller-manager'],
      scheme: 'HTTPS',
    },
    mounts: byName([
      ...certificateVolumes(release.staticPods.caDirectories, facts.caDirectories),
      { name: 'kubeconfig', path: kubeconfig, kind: 'FileOrCreate', readOnly: true },
      ...(flexVolumes ? [flexVolumeDirectory(flexVolumes)] : []),
      ...extraVolumes(spec.controllerManager.extraVolumes),
    ]),
  })
}

/** Not read-only: third-party plugins talk through sockets in it. */
const flexVolumeDirectory = (path: string): Volume => ({
  name: 'flexvolume-dir',
  path,
  kind: 'DirectoryOrCreate',
  readOnly: false,
})
