import { argumentList } from '../arguments.js'
import { etcdClientUrl, etcdFlags, etcdMetricsPort } from '../etcd/flags.js'
import type { KubeObject } from '../kube-object.js'
import { pkiDirectory } from './paths.js'
import { type PodParts, staticPod } from './pod.js'
import type { PodInput } from './static-pods.js'
import type { Volume } from './volume.js'

const pki = `${pkiDirectory}/etcd`

/** An etcd member beside its API server (kubeadm: phases/etcd, getEtcdCommand). */
export function etcdPod(input: PodInput): KubeObject {
  const { spec, host, release, facts } = input
  const loopback = host.address.includes(':') ? '::1' : '127.0.0.1'
  const client = etcdClientUrl(host.address)
  const { extraArgs, dataDir } = spec.etcd
  const flags = { ...etcdFlags(host, dataDir, facts), ...release.staticPods.flags.etcd }
  const data: Volume = { name: 'etcd-data', path: dataDir, kind: 'DirectoryOrCreate', readOnly: false }
  const certificates: Volume = { name: 'etcd-certs', path: pki, kind: 'DirectoryOrCreate', readOnly: false }
  return staticPod(input, {
    name: 'etcd',
    annotations: {
      'kubeadm.kubernetes.io/etcd.advertise-client-urls': extraArgs['advertise-client-urls'] ?? client,
    },
    command: ['etcd', ...argumentList(flags, extraArgs)],
    probe: metricsTarget(extraArgs['listen-metrics-urls'], loopback),
    mounts: [data, certificates],
    volumes: [certificates, data],
  })
}

/** The first metrics URL is where etcd is probed (kubeadm: GetEtcdProbeEndpoint). */
function metricsTarget(urls: string | undefined, loopback: string): PodParts['probe'] {
  const first = urls?.split(',')[0]
  if (first === undefined || !URL.canParse(first))
    return { host: loopback, port: etcdMetricsPort, scheme: 'HTTP' }
  const { protocol, hostname, port } = new URL(first)
  return {
    host: hostname.replace(/^\[|\]$/g, '') || loopback,
    port: port === '' ? etcdMetricsPort : Number(port),
    scheme: protocol === 'https:' ? 'HTTPS' : 'HTTP',
  }
}
