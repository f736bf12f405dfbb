import { anyInt, count, type Fields, type FieldType, fieldsOf, oneOf, port } from '../../lib/field-type.js'

const strings: FieldType = { list: 'string' }
const percent: FieldType = { int: [0, 100] }

/** What the kubelet measures before it evicts (pkg/kubelet/eviction/api, v1.20.2). */
export const signals: readonly string[] = [
  'memory.available',
  ...['nodefs', 'imagefs'].flatMap((one) => [`${one}.available`, `${one}.inodesFree`]),
  'pid.available',
  'allocatableMemory.available',
]

/** The fields that say at which signals the kubelet evicts. */
export const thresholds = (keys: readonly string[]): Fields => ({
  ...Object.fromEntries(
    ['evictionHard', 'evictionSoft', 'evictionMinimumReclaim'].map((name) => [
      name,
      { map: 'threshold', keys },
    ]),
  ),
  evictionSoftGracePeriod: { map: 'duration', keys },
})
const reserved: FieldType = { map: 'quantity', keys: ['cpu', 'memory', 'ephemeral-storage', 'pid'] }

/**
 * Fields of KubeletConfiguration in 1.20 and their types; what is not there the kubelet leaves out, what is of another type
 * it refuses (k8s.io/kubelet config/v1beta1, and what its validation accepts on Linux, at
 * v1.20.2). Later minors say what is other there: what appeared and went is the difference of config/v1beta1/types.go
 * between the release branches of k8s.io/kubelet.
 */
export const kubeletFields: Fields = {
  ...fieldsOf(
    'bool',
    `cgroupsPerQOS cpuCFSQuota enableContentionProfiling enableControllerAttachDetach enableDebuggingHandlers
    enableServer enableSystemLogHandler failSwapOn kernelMemcgNotification makeIPTablesUtilChains
    protectKernelDefaults rotateCertificates runOnce serializeImagePulls serverTLSBootstrap`,
  ),
  ...fieldsOf(
    count,
    `eventBurst eventRecordQPS kubeAPIBurst maxOpenFiles maxPods podsPerCore registryBurst registryPullQPS`,
  ),
  ...fieldsOf(anyInt, 'evictionMaxPodGracePeriod kubeAPIQPS'),
  ...fieldsOf({ int: [-1, Number.MAX_SAFE_INTEGER] }, 'podPidsLimit'),
  ...fieldsOf({ int: [0, 31] }, 'iptablesDropBit iptablesMasqueradeBit'),
  ...fieldsOf({ int: [0, 65535] }, 'healthzPort readOnlyPort'),
  ...fieldsOf(percent, 'imageGCHighThresholdPercent imageGCLowThresholdPercent'),
  ...fieldsOf(
    'string',
    `address cgroupRoot clusterDomain contentType healthzBindAddress kubeReservedCgroup kubeletCgroups podCIDR
    providerID reservedSystemCPUs resolvConf showHiddenMetricsForVersion staticPodPath staticPodURL systemCgroups
    systemReservedCgroup tlsCertFile tlsPrivateKeyFile volumePluginDir`,
  ),
  ...fieldsOf(
    'duration',
    `cpuCFSQuotaPeriod cpuManagerReconcilePeriod evictionPressureTransitionPeriod fileCheckFrequency
    httpCheckFrequency imageMinimumGCAge nodeStatusReportFrequency nodeStatusUpdateFrequency runtimeRequestTimeout
    shutdownGracePeriod shutdownGracePeriodCriticalPods streamingConnectionIdleTimeout syncFrequency
    volumeStatsAggPeriod`,
  ),
  ...fieldsOf(strings, 'clusterDNS tlsCipherSuites'),
  allowedUnsafeSysctls: { list: 'sysctl' },
  ...thresholds(signals),
  port,
  containerLogMaxFiles: { int: [2, 2 ** 31 - 1] },
  nodeLeaseDurationSeconds: { int: [1, 2 ** 31 - 1] },
  nodeStatusMaxImages: { int: [-1, 2 ** 31 - 1] },
  oomScoreAdj: { int: [-1000, 1000] },
  containerLogMaxSize: 'quantity',
  featureGates: { map: 'bool' },
  kubeReserved: reserved,
  systemReserved: reserved,
  qosReserved: { map: 'threshold' },
  staticPodURLHeader: { map: strings },
  enforceNodeAllocatable: { list: oneOf('pods', 'system-reserved', 'kube-reserved', 'none') },
  cgroupDriver: oneOf('cgroupfs', 'systemd'),
  configMapAndSecretChangeDetectionStrategy: oneOf('Get', 'Cache', 'Watch'),
  cpuManagerPolicy: oneOf('none', 'static'),
  hairpinMode: oneOf('promiscuous-bridge', 'hairpin-veth', 'none'),
  tlsMinVersion: oneOf('VersionTLS10', 'VersionTLS11', 'VersionTLS12', 'VersionTLS13'),
  topologyManagerPolicy: oneOf('none', 'best-effort', 'restricted', 'single-numa-node'),
  topologyManagerScope: oneOf('container', 'pod'),
  authentication: {
    fields: {
      anonymous: { fields: { enabled: 'bool' } },
      webhook: { fields: { cacheTTL: 'duration', enabled: 'bool' } },
      x509: { fields: { clientCAFile: 'string' } },
    },
  },
  authorization: {
    fields: {
      mode: oneOf('AlwaysAllow', 'Webhook'),
      webhook: { fields: fieldsOf('duration', 'cacheAuthorizedTTL cacheUnauthorizedTTL') },
    },
  },
  logging: { fields: { format: oneOf('text', 'json'), sanitization: 'bool' } },
}
