const names = (text: string): string[] => text.trim().split(/\s+/)

const always = names(`
  address allowedUnsafeSysctls authentication authorization cgroupDriver cgroupRoot cgroupsPerQOS
  clusterDNS clusterDomain configMapAndSecretChangeDetectionStrategy containerLogMaxFiles
  containerLogMaxSize contentType cpuCFSQuota cpuCFSQuotaPeriod cpuManagerPolicy
  cpuManagerReconcilePeriod enableContentionProfiling enableControllerAttachDetach
  enableDebuggingHandlers enableServer enableSystemLogHandler enforceNodeAllocatable eventBurst
  eventRecordQPS evictionHard evictionMaxPodGracePeriod evictionMinimumReclaim
  evictionPressureTransitionPeriod evictionSoft evictionSoftGracePeriod failSwapOn featureGates
  fileCheckFrequency hairpinMode healthzBindAddress healthzPort httpCheckFrequency
  imageGCHighThresholdPercent imageGCLowThresholdPercent imageMinimumGCAge iptablesDropBit
  iptablesMasqueradeBit kernelMemcgNotification kubeAPIBurst kubeAPIQPS kubeReserved
  kubeReservedCgroup kubeletCgroups logging makeIPTablesUtilChains maxOpenFiles maxPods
  nodeLeaseDurationSeconds nodeStatusMaxImages nodeStatusReportFrequency nodeStatusUpdateFrequency
  oomScoreAdj podCIDR podPidsLimit podsPerCore port protectKernelDefaults providerID qosReserved
  readOnlyPort registryBurst registryPullQPS reservedSystemCPUs resolvConf rotateCertificates
  runOnce runtimeRequestTimeout serializeImagePulls serverTLSBootstrap showHiddenMetricsForVersion
  shutdownGracePeriod shutdownGracePeriodCriticalPods staticPodPath staticPodURL staticPodURLHeader
  streamingConnectionIdleTimeout syncFrequency systemCgroups systemReserved systemReservedCgroup
  tlsCertFile tlsCipherSuites tlsMinVersion tlsPrivateKeyFile topologyManagerPolicy
  topologyManagerScope volumePluginDir volumeStatsAggPeriod
`)

/** Not yet there in 1.20. */
const late = names(`
  containerLogMaxWorkers containerLogMonitorInterval containerRuntimeEndpoint
  cpuManagerPolicyOptions crashLoopBackOff enableDebugFlagsHandler enableProfilingHandler
  enableSystemLogQuery failCgroupV1 imageMaximumGCAge imagePullCredentialsVerificationPolicy
  imageServiceEndpoint localStorageCapacityIsolation maxParallelImagePulls memoryManagerPolicy
  memoryReservationPolicy memorySwap memoryThrottlingFactor mergeDefaultEvictionSettings podLogsDir
  preloadedImagesVerificationAllowlist registerNode registerWithTaints reservedMemory
  seccompDefault shutdownGracePeriodByPodPriority singleProcessOOMKill tlsCurvePreferences
  topologyManagerPolicyOptions tracing userNamespaces
`)

/** Names of KubeletConfiguration's fields by minor (k8s.io/kubelet, config/v1beta1: v0.20.2 and v0.36.2). */
export const kubeletFields = {
  v1_20: always,
  v1_36: [...always, ...late],
} as const satisfies Record<string, readonly string[]>
