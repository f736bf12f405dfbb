import type { Context } from '../cluster/context.js'
import type { Workflow } from '../engine/phase.js'
import { addOns } from '../phases/add-ons.js'
import { apiReady } from '../phases/api-ready.js'
import { backup } from '../phases/backup.js'
import { balancer, balancerSettled } from '../phases/balancer.js'
import { binaries } from '../phases/binaries.js'
import { clusterConfig } from '../phases/cluster-config.js'
import { componentFiles } from '../phases/component-files.js'
import { controlPlane } from '../phases/control-plane.js'
import { etcdHosts } from '../phases/etcd-hosts.js'
import { etcdMembers } from '../phases/etcd-members.js'
import { firewall } from '../phases/firewall.js'
import { formerImages } from '../phases/former-images.js'
import { formerRuntime } from '../phases/former-runtime.js'
import { handingOver } from '../phases/handing-over.js'
import { host } from '../phases/host.js'
import { hostsReaders } from '../phases/hosts-readers.js'
import { images } from '../phases/images.js'
import { join } from '../phases/join.js'
import { kubeconfigs } from '../phases/kubeconfigs.js'
import { kubelet } from '../phases/kubelet.js'
import { kubeletStart } from '../phases/kubelet-start.js'
import { loginKubeconfig } from '../phases/login-kubeconfig.js'
import { nodes } from '../phases/nodes.js'
import { packages } from '../phases/packages.js'
import { pki } from '../phases/pki.js'
import { podNetwork } from '../phases/pod-network.js'
import { proxy } from '../phases/proxy.js'
import { repositories } from '../phases/repositories.js'
import { runtime } from '../phases/runtime.js'
import { selinux } from '../phases/selinux.js'
import { staticPods } from '../phases/static-pods.js'
import { timeSync } from '../phases/time-sync.js'
import { uncordonNodes } from '../phases/uncordon.js'

/** Birth of a cluster, and its convergence ever after. */
export const up: Workflow<Context> = {
  id: 'up',
  phases: [
    backup,
    proxy,
    host,
    repositories,
    timeSync,
    firewall,
    packages,
    runtime,
    binaries,
    images,
    pki,
    kubeconfigs,
    componentFiles,
    formerRuntime,
    kubelet,
    etcdHosts,
    balancer,
    controlPlane,
    selinux,
    handingOver,
    kubeletStart,
    staticPods,
    apiReady,
    etcdMembers,
    loginKubeconfig,
    clusterConfig,
    addOns,
    join,
    nodes,
    uncordonNodes,
    podNetwork,
    balancerSettled,
    formerImages,
    hostsReaders,
  ],
}
