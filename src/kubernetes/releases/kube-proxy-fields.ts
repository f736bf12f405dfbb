import { anyInt, count, type Fields, fieldsOf, oneOf } from '../../lib/field-type.js'
import { recentLogging } from './kubelet-fields.js'

const masquerading: Fields = {
  ...fieldsOf('duration', 'minSyncPeriod syncPeriod'),
  masqueradeAll: 'bool',
  masqueradeBit: { int: [0, 31] },
}

const conntrack: Fields = {
  ...fieldsOf(count, 'maxPerCore min'),
  ...fieldsOf('duration', 'tcpCloseWaitTimeout tcpEstablishedTimeout'),
}

const winkernel: Fields = { ...fieldsOf('string', 'networkName sourceVip'), enableDSR: 'bool' }

/** What every supported minor has (k8s.io/kube-proxy config/v1alpha1). */
const always: Fields = {
  ...fieldsOf('bool', 'bindAddressHardFail enableProfiling'),
  ...fieldsOf(
    'string',
    `bindAddress clusterCIDR healthzBindAddress hostnameOverride metricsBindAddress portRange
    showHiddenMetricsForVersion`,
  ),
  clientConnection: {
    fields: {
      ...fieldsOf('string', 'acceptContentTypes contentType kubeconfig'),
      burst: anyInt,
      qps: 'number',
    },
  },
  configSyncPeriod: 'duration',
  featureGates: { map: 'bool' },
  ipvs: {
    fields: {
      ...fieldsOf('duration', 'minSyncPeriod syncPeriod tcpFinTimeout tcpTimeout udpTimeout'),
      excludeCIDRs: { list: 'string' },
      scheduler: 'string',
      strictARP: 'bool',
    },
  },
  nodePortAddresses: { list: 'string' },
  oomScoreAdj: { int: [-1000, 1000] },
}

/** Fields of KubeProxyConfiguration by minor, and the values its validation accepts on Linux (v1.20.2, v1.36.2). */
export const kubeProxyFields = {
  v1_20: {
    ...always,
    conntrack: { fields: conntrack },
    detectLocalMode: oneOf('ClusterCIDR', 'NodeCIDR'),
    iptables: { fields: masquerading },
    mode: oneOf('userspace', 'iptables', 'ipvs'),
    udpIdleTimeout: 'duration',
    winkernel: { fields: winkernel },
  },
  v1_36: {
    ...always,
    conntrack: {
      fields: { ...conntrack, ...fieldsOf('duration', 'udpStreamTimeout udpTimeout'), tcpBeLiberal: 'bool' },
    },
    detectLocal: { fields: fieldsOf('string', 'bridgeInterface interfaceNamePrefix') },
    detectLocalMode: oneOf('ClusterCIDR', 'NodeCIDR', 'BridgeInterface', 'InterfaceNamePrefix'),
    iptables: { fields: { ...masquerading, localhostNodePorts: 'bool' } },
    logging: recentLogging,
    mode: oneOf('iptables', 'ipvs', 'nftables'),
    nftables: { fields: masquerading },
    windowsRunAsService: 'bool',
    winkernel: {
      fields: { ...winkernel, forwardHealthCheckVip: 'bool', rootHnsEndpointName: 'string' },
    },
  },
} as const satisfies Record<string, Fields>
