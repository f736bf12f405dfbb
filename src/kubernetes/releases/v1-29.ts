import { fieldsOf, oneOf } from '../../lib/field-type.js'
import { after } from './difference.js'
import { goneApis } from './gone-apis.js'
import { masquerading } from './kube-proxy-fields.js'
import { signals, thresholds } from './kubelet-fields.js'
import { lockedTo, refusedSince } from './refused.js'
import { v1_28 } from './v1-28.js'

/** Kubernetes 1.29, at 1.29.15; sources as in v1-21.ts. */
export const v1_29 = after(v1_28, {
  minor: '1.29',
  patch: '1.29.15',
  untested: true,
  // etcd 3.5.10-0 at first, 3.5.16-0 from 1.29.11 on
  images: { etcd: '3.5.16-0', coredns: 'v1.11.1' },
  // changelog of 1.29: admin.conf is an administrator by RBAC, super-admin.conf by the built-in group; #121837
  certificates: {
    adminOrganization: 'kubeadm:cluster-admins',
    kubeletClientOrganization: 'kubeadm:cluster-admins',
    etcdClientOrganization: undefined,
  },
  kubeconfig: { superAdmin: true },
  kubelet: {
    fields: {
      ...thresholds([...signals, 'containerfs.available', 'containerfs.inodesFree']),
      imageMaximumGCAge: 'duration',
    },
    defaults: { imageMaximumGCAge: '0s' },
  },
  extraBindings: [
    {
      name: 'kubeadm:cluster-admins',
      clusterRole: 'cluster-admin',
      subject: { kind: 'Group', name: 'kubeadm:cluster-admins' },
    },
  ],
  kubeProxy: {
    fields: {
      conntrack: {
        fields: { ...fieldsOf('duration', 'udpStreamTimeout udpTimeout'), tcpBeLiberal: 'bool' },
      },
      // behind the feature gate NFTablesProxyMode until 1.30
      mode: oneOf('iptables', 'ipvs', 'nftables'),
      nftables: { fields: masquerading },
    },
    defaults: {
      conntrack: { tcpBeLiberal: false, udpStreamTimeout: '0s', udpTimeout: '0s' },
      nftables: { masqueradeAll: false, masqueradeBit: null, minSyncPeriod: '0s', syncPeriod: '0s' },
    },
  },
  // #121384
  coreDns: { dropCapability: 'ALL' },
  refused: {
    configurations: refusedSince('1.29', `kubescheduler.config.k8s.io/v1beta3`),
    gates: refusedSince(
      '1.29',
      `CSIMigrationvSphere CronJobTimeZone DownwardAPIHugePages GRPCContainerProbe
      JobMutableNodeSchedulingDirectives JobTrackingWithFinalizers
      KubeletPodResourcesGetAllocatable LegacyServiceAccountTokenNoAutoGeneration
      MultiCIDRRangeAllocator OpenAPIV3 ProbeTerminationGracePeriod RetroactiveDefaultStorageClass
      SeccompDefault TopologyManager`,
    ),
    locked: {
      ...lockedTo(
        true,
        `APIListChunking APIPriorityAndFairness CSINodeExpandSecret
        CustomResourceValidationExpressions JobReadyPods KMSv2 KMSv2KDF ReadWriteOncePod
        RemainingItemCount ServiceNodePortStaticSubrange`,
      ),
    },
  },
  goneApis: [
    ...goneApis(
      'flowcontrol.apiserver.k8s.io/v1beta2',
      'flowschemas prioritylevelconfigurations',
      'flowcontrol.apiserver.k8s.io/v1beta3',
    ),
  ],
})
