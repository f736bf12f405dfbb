import type { ClusterSpec } from '../../inventory/spec.js'
import { argumentList } from '../arguments.js'
import type { KubeObject } from '../kube-object.js'
import { hostPort } from '../service-address.js'
import { pkiDirectory as pki } from './paths.js'
import { staticPod } from './pod.js'
import { probeHost } from './probes.js'
import type { PodInput } from './static-pods.js'
import { byName, certificateVolumes, extraVolumes, readOnlyDirectory, type Volume } from './volume.js'

/** kube-apiserver (kubeadm: phases/controlplane, getAPIServerCommand). */
export function apiServerPod(input: PodInput): KubeObject {
  const { spec, host, release, facts } = input
  const { bindPort, extraArgs } = spec.apiServer
  const flags = {
    'advertise-address': host.address,
    'allow-privileged': 'true',
    'authorization-mode': 'Node,RBAC',
    'client-ca-file': `${pki}/ca.crt`,
    'enable-admission-plugins': 'NodeRestriction',
    'enable-bootstrap-token-auth': 'true',
    ...etcdFlags(spec, host.address),
    'kubelet-client-certificate': `${pki}/apiserver-kubelet-client.crt`,
    'kubelet-client-key': `${pki}/apiserver-kubelet-client.key`,
    'kubelet-preferred-address-types': 'InternalIP,ExternalIP,Hostname',
    'proxy-client-cert-file': `${pki}/front-proxy-client.crt`,
    'proxy-client-key-file': `${pki}/front-proxy-client.key`,
    'requestheader-allowed-names': 'front-proxy-client',
    'requestheader-client-ca-file': `${pki}/front-proxy-ca.crt`,
    'requestheader-extra-headers-prefix': 'X-Remote-Extra-',
    'requestheader-group-headers': 'X-Remote-Group',
    'requestheader-username-headers': 'X-Remote-User',
    'secure-port': String(bindPort),
    'service-account-issuer': `https://kubernetes.default.svc.${spec.networking.dnsDomain}`,
    'service-account-key-file': `${pki}/sa.pub`,
    'service-account-signing-key-file': `${pki}/sa.key`,
    'service-cluster-ip-range': spec.networking.serviceSubnet,
    'tls-cert-file': `${pki}/apiserver.crt`,
    'tls-private-key-file': `${pki}/apiserver.key`,
    ...release.staticPods.flags['kube-apiserver'],
  }
  return staticPod(input, {
    name: 'kube-apiserver',
    annotations: {
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': hostPort(host.address, bindPort),
    },
    command: ['kube-apiserver', ...argumentList(flags, extraArgs)],
    probe: { host: probeHost(host.address), port: bindPort, scheme: 'HTTPS' },
    mounts: byName([
      ...certificateVolumes(release.staticPods.caDirectories, facts.caDirectories),
      ...externalEtcdVolumes(spec),
      ...extraVolumes(spec.apiServer.extraVolumes),
    ]),
  })
}

function etcdFlags({ etcd }: ClusterSpec, address: string): Record<string, string> {
  if (etcd.external) {
    return {
      'etcd-servers': etcd.external.endpoints.join(','),
      'etcd-cafile': etcd.external.caFile,
      'etcd-certfile': etcd.external.certFile,
      'etcd-keyfile': etcd.external.keyFile,
    }
  }
  return {
    'etcd-servers': `https://${hostPort(address.includes(':') ? '::1' : '127.0.0.1', 2379)}`,
    'etcd-cafile': `${pki}/etcd/ca.crt`,
    'etcd-certfile': `${pki}/apiserver-etcd-client.crt`,
    'etcd-keyfile': `${pki}/apiserver-etcd-client.key`,
  }
}

/** Directories of external etcd's files that are not mounted anyway. */
function externalEtcdVolumes({ etcd }: ClusterSpec): Volume[] {
  if (!etcd.external) return []
  const { caFile, certFile, keyFile } = etcd.external
  const directories = [caFile, certFile, keyFile].map((path) => path.slice(0, path.lastIndexOf('/')))
  const mounted = [pki, '/etc/ssl/certs']
  return [...new Set(directories)]
    .filter((path) => !mounted.some((parent) => path === parent || path.startsWith(`${parent}/`)))
    .sort()
    .map((path, index) => readOnlyDirectory(`etcd-certs-${index}`, path))
}
