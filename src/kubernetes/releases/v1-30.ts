import { oneOf } from '../../lib/field-type.js'
import { after, gone } from './difference.js'
import { routing } from './logging.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_29 } from './v1-29.js'

const textOptions = { options: { fields: { text: { fields: routing } } } } as const
const noText = { options: { text: { infoBufferSize: '0' } } } as const

/** Kubernetes 1.30, at 1.30.14; sources as in v1-21.ts. */
export const v1_30 = after(v1_29, {
  minor: '1.30',
  patch: '1.30.14',
  untested: true,
  // etcd 3.5.12-0 and CoreDNS v1.11.1 at first, these from 1.30.5 on
  images: { etcd: '3.5.15-0', coredns: 'v1.11.3' },
  // #123555: what is the default is no longer uploaded
  clusterConfiguration: { defaults: { apiServer: { extraArgs: gone } } },
  kubelet: {
    fields: {
      containerLogMaxWorkers: { int: [1, 2 ** 31 - 1] },
      containerLogMonitorInterval: 'duration',
      logging: { fields: textOptions },
      memorySwap: { fields: { swapBehavior: oneOf('NoSwap', 'LimitedSwap') } },
      podLogsDir: 'string',
    },
    defaults: { logging: noText },
  },
  kubeProxy: { fields: { logging: { fields: textOptions } }, defaults: { logging: noText } },
  refused: {
    admissionPlugins: refusedSince('1.30', `SecurityContextDeny`),
    gates: refusedSince(
      '1.30',
      `APISelfSubjectReview CSIMigrationAzureFile ExpandedDNSConfig
      ExperimentalHostUserNamespaceDefaulting IPTablesOwnershipCleanup KubeletPodResources
      LegacyServiceAccountTokenTracking MinimizeIPTablesRestore ProxyTerminatingEndpoints
      RemoveSelfLink SecurityContextDeny`,
    ),
    locked: {
      ...lockedTo(
        true,
        `AdmissionWebhookMatchConditions AggregatedDiscoveryEndpoint CloudDualStackNodeIPs
        ConsistentHTTPGetHandlers HPAContainerMetrics LegacyServiceAccountTokenCleanUp
        MinDomainsInPodTopologySpread NewVolumeManagerReconstruction PodHostIPs
        PodSchedulingReadiness StableLoadBalancerNodeSet ValidatingAdmissionPolicy
        ZeroLimitedNominalConcurrencyShares`,
      ),
    },
  },
  goneApis: [],
})
