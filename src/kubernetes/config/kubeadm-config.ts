import type { ClusterSpec, ExtraArgs, ExtraVolume } from '../../inventory/spec.js'
import { deepMerge } from '../../lib/deep-merge.js'
import { imageRepository } from '../images.js'
import type { KubeObject } from '../kube-object.js'
import type { Release } from '../releases/release.js'
import { renderYaml } from '../render-yaml.js'
import { hostPort } from '../service-address.js'
import { configMap } from './config-map.js'

/** ConfigMap kubeadm-config: what a later kubeadm knows of the cluster. */
export function kubeadmConfig(spec: ClusterSpec, release: Release): KubeObject {
  return configMap('kubeadm-config', {
    ClusterConfiguration: renderYaml(clusterConfiguration(spec, release)),
    ...(release.clusterConfiguration.clusterStatus
      ? { ClusterStatus: renderYaml(clusterStatus(spec, release)) }
      : {}),
  })
}

/** kubeadm's ClusterConfiguration, with the defaults it fills in. */
export function clusterConfiguration(spec: ClusterSpec, release: Release): Record<string, unknown> {
  const form = release.clusterConfiguration
  const component = (args: ExtraArgs, volumes: readonly ExtraVolume[] = []): Record<string, unknown> => ({
    ...(Object.keys(args).length === 0
      ? {}
      : { extraArgs: form.extraArgs === 'map' ? args : argumentsAsList(args) }),
    ...(volumes.length === 0 ? {} : { extraVolumes: volumes.map(hostPathMount) }),
  })
  const { certSANs, extraArgs, extraVolumes } = spec.apiServer
  return deepMerge(form.defaults, {
    apiVersion: form.apiVersion,
    kind: 'ClusterConfiguration',
    apiServer: { ...(certSANs.length > 0 ? { certSANs } : {}), ...component(extraArgs, extraVolumes) },
    certificatesDir: '/etc/kubernetes/pki',
    clusterName: spec.clusterName,
    controlPlaneEndpoint: hostPort(spec.endpoint.host, spec.endpoint.port),
    controllerManager: component(spec.controllerManager.extraArgs, spec.controllerManager.extraVolumes),
    dns: {
      ...(spec.dns.imageTag ? { imageTag: spec.dns.imageTag } : {}),
      ...(form.dnsDisabled && !spec.dns.enabled ? { disabled: true } : {}),
    },
    etcd: etcd(spec, release, component(spec.etcd.extraArgs)),
    imageRepository: imageRepository(spec, release),
    kubernetesVersion: `v${release.version}`,
    networking: {
      dnsDomain: spec.networking.dnsDomain,
      ...(spec.networking.podSubnet ? { podSubnet: spec.networking.podSubnet } : {}),
      serviceSubnet: spec.networking.serviceSubnet,
    },
    scheduler: component(spec.scheduler.extraArgs, spec.scheduler.extraVolumes),
  })
}

function etcd(
  { etcd: { external, dataDir, imageTag } }: ClusterSpec,
  release: Release,
  extra: Record<string, unknown>,
): Record<string, unknown> {
  if (!external) return { local: { dataDir, ...(imageTag ? { imageTag } : {}), ...extra } }
  const { endpoints, caFile, certFile, keyFile } = external
  const repeated = release.clusterConfiguration.httpEndpoints ? { httpEndpoints: endpoints } : {}
  return { external: { endpoints, ...repeated, caFile, certFile, keyFile } }
}

function clusterStatus(spec: ClusterSpec, release: Release): Record<string, unknown> {
  const controlPlanes = spec.hosts.filter(({ roles }) => roles.includes('control-plane'))
  return {
    apiEndpoints: Object.fromEntries(
      controlPlanes.map(({ name, address }) => [
        name,
        { advertiseAddress: address, bindPort: spec.apiServer.bindPort },
      ]),
    ),
    apiVersion: release.clusterConfiguration.apiVersion,
    kind: 'ClusterStatus',
  }
}

const argumentsAsList = (args: ExtraArgs): { name: string; value: string }[] =>
  Object.keys(args)
    .sort()
    .map((name) => ({ name, value: args[name] ?? '' }))

/** kubeadm's HostPathMount: what is empty or false is left out. */
const hostPathMount = ({ name, hostPath, mountPath, readOnly, pathType }: ExtraVolume): object => ({
  hostPath,
  mountPath,
  name,
  ...(pathType === '' ? {} : { pathType }),
  ...(readOnly ? { readOnly } : {}),
})
