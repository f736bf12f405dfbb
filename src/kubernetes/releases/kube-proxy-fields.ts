import { anyInt, count, type Fields, fieldsOf, oneOf } from '../../lib/field-type.js'

/** Of the modes that write rules of packet filters. */
export const masquerading: Fields = {
  ...fieldsOf('duration', 'minSyncPeriod syncPeriod'),
  masqueradeAll: 'bool',
  masqueradeBit: { int: [0, 31] },
}

const conntrack: Fields = {
  ...fieldsOf(count, 'maxPerCore min'),
  ...fieldsOf('duration', 'tcpCloseWaitTimeout tcpEstablishedTimeout'),
}

const winkernel: Fields = { ...fieldsOf('string', 'networkName sourceVip'), enableDSR: 'bool' }

/**
 * Fields of KubeProxyConfiguration in 1.20 and the values its validation accepts on Linux (v1.20.2). Later minors say
 * what is other there, from config/v1alpha1/types.go of the release branches of k8s.io/kube-proxy.
 */
export const kubeProxyFields: Fields = {
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
  conntrack: { fields: conntrack },
  detectLocalMode: oneOf('ClusterCIDR', 'NodeCIDR'),
  iptables: { fields: masquerading },
  mode: oneOf('userspace', 'iptables', 'ipvs'),
  udpIdleTimeout: 'duration',
  winkernel: { fields: winkernel },
}
