import { anyInt, count, type Fields, type FieldType, fieldsOf, oneOf, port } from '../../lib/field-type.js'

const strings: FieldType = { list: 'string' }
const percent: FieldType = { int: [0, 100] }
const signals = ['memory', 'nodefs', 'imagefs'].flatMap((one) =>
  one === 'memory' ? [`${one}.available`] : [`${one}.available`, `${one}.inodesFree`],
)
const thresholds = (keys: readonly string[]): Fields => ({
  ...Object.fromEntries(
    ['evictionHard', 'evictionSoft', 'evictionMinimumReclaim'].map((name) => [
      name,
      { map: 'threshold', keys },
    ]),
  ),
  evictionSoftGracePeriod: { map: 'duration', keys },
})
const reserved: FieldType = { map: 'quantity', keys: ['cpu', 'memory', 'ephemeral-storage', 'pid'] }

/** KubeletConfiguration of Kubernetes 1.20 (k8s.io/kubelet config/v1beta1, and what its validation accepts on Linux, at v1.20.2). */
const v1_20: Fields = {
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
  ...thresholds([...signals, 'pid.available', 'allocatableMemory.available']),
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

const routing: Fields = { infoBufferSize: { either: ['quantity', count] }, splitStream: 'bool' }

/** The logging section of recent component configurations (k8s.io/component-base logs/api/v1). */
export const recentLogging: FieldType = {
  fields: {
    format: oneOf('text', 'json'),
    // nanoseconds, or a duration
    flushFrequency: { either: ['duration', { int: [0, Number.MAX_SAFE_INTEGER] }] },
    verbosity: count,
    vmodule: { list: { fields: { filePattern: 'string', verbosity: count } } },
    options: { fields: { json: { fields: routing }, text: { fields: routing } } },
  },
}

/** The same of Kubernetes 1.36: what is other than in 1.20 (the reference of v1beta1, and v0.36.2). */
const v1_36: Fields = {
  ...v1_20,
  ...fieldsOf(
    'bool',
    `enableDebugFlagsHandler enableProfilingHandler enableSystemLogQuery failCgroupV1 localStorageCapacityIsolation
    mergeDefaultEvictionSettings registerNode seccompDefault singleProcessOOMKill`,
  ),
  ...fieldsOf('string', 'containerRuntimeEndpoint imageServiceEndpoint podLogsDir'),
  ...fieldsOf('duration', 'containerLogMonitorInterval imageMaximumGCAge'),
  ...fieldsOf({ map: 'string' }, 'cpuManagerPolicyOptions topologyManagerPolicyOptions'),
  ...thresholds([
    ...signals,
    'pid.available',
    'allocatableMemory.available',
    'containerfs.available',
    'containerfs.inodesFree',
  ]),
  containerLogMaxWorkers: { int: [1, 2 ** 31 - 1] },
  maxParallelImagePulls: { int: [1, 2 ** 31 - 1] },
  memoryThrottlingFactor: 'number',
  preloadedImagesVerificationAllowlist: strings,
  tlsCurvePreferences: { list: anyInt },
  enforceNodeAllocatable: {
    list: oneOf(
      'pods',
      'system-reserved',
      'system-reserved-compressible',
      'kube-reserved',
      'kube-reserved-compressible',
      'none',
    ),
  },
  imagePullCredentialsVerificationPolicy: oneOf(
    'NeverVerify',
    'NeverVerifyPreloadedImages',
    'NeverVerifyAllowlistedImages',
    'AlwaysVerify',
  ),
  memoryManagerPolicy: oneOf('None', 'Static'),
  memoryReservationPolicy: oneOf('None', 'TieredReservation'),
  crashLoopBackOff: { fields: { maxContainerRestartPeriod: 'duration' } },
  memorySwap: { fields: { swapBehavior: oneOf('NoSwap', 'LimitedSwap') } },
  registerWithTaints: {
    list: {
      fields: {
        ...fieldsOf('string', 'key timeAdded value'),
        effect: oneOf('NoSchedule', 'PreferNoSchedule', 'NoExecute'),
      },
    },
  },
  reservedMemory: {
    list: { fields: { numaNode: count, limits: { map: { either: ['quantity', 'number'] } } } },
  },
  shutdownGracePeriodByPodPriority: {
    list: { fields: { priority: anyInt, shutdownGracePeriodSeconds: count } },
  },
  tracing: { fields: { endpoint: 'string', samplingRatePerMillion: { int: [0, 1_000_000] } } },
  userNamespaces: { fields: { idsPerPod: { int: [65536, Number.MAX_SAFE_INTEGER] } } },
  logging: recentLogging,
}

/** Fields of KubeletConfiguration by minor; what else stands there the kubelet leaves out, what is of another type it refuses. */
export const kubeletFields = { v1_20, v1_36 } as const
