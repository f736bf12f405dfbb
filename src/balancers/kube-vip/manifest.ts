import type { KubeObject } from '../../kubernetes/kube-object.js'
import type { BalancerMachine, BalancerSettings } from '../balancer.js'

export const defaultImage = 'ghcr.io/kube-vip/kube-vip:v0.8.9'

/** How the container sees its kubeconfig, whichever file of the host that is. */
const inside = '/etc/kubernetes/admin.conf'

/**
 * kube-vip as a static pod that moves the virtual IP between control planes by ARP (or neighbour
 * advertisements), as `kube-vip manifest pod --controlplane --arp --leaderElection` writes it. It talks to the
 * API server beside it, which it calls "kubernetes", a name of the API server's certificate.
 * @param kubeconfig the host's file that it acts with
 */
export function kubeVipPod(
  machine: BalancerMachine,
  settings: BalancerSettings & { virtualIp: string },
  kubeconfig: string,
): KubeObject {
  const { port, virtualIp, image } = settings
  const six = virtualIp.includes(':')
  const variables: Record<string, string> = {
    vip_arp: 'true',
    port: String(port),
    vip_interface: machine.interface,
    vip_subnet: six ? '128' : '32',
    dns_mode: 'first',
    cp_enable: 'true',
    cp_namespace: 'kube-system',
    vip_leaderelection: 'true',
    vip_leasename: 'plndr-cp-lock',
    // seconds
    vip_leaseduration: '5',
    vip_renewdeadline: '3',
    vip_retryperiod: '1',
    address: virtualIp,
    prometheus_server: ':2112',
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'kube-vip', namespace: 'kube-system' },
    spec: {
      containers: [
        {
          name: 'kube-vip',
          image: image ?? defaultImage,
          imagePullPolicy: 'IfNotPresent',
          args: ['manager'],
          env: [
            ...Object.entries(variables).map(([name, value]) => ({ name, value })),
            { name: 'vip_nodename', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } },
          ],
          resources: {},
          securityContext: { capabilities: { add: ['NET_ADMIN', 'NET_RAW'] } },
          volumeMounts: [{ mountPath: inside, name: 'kubeconfig' }],
        },
      ],
      hostAliases: [{ hostnames: ['kubernetes'], ip: six ? '::1' : '127.0.0.1' }],
      hostNetwork: true,
      priorityClassName: 'system-node-critical',
      volumes: [{ name: 'kubeconfig', hostPath: { path: kubeconfig, type: 'File' } }],
    },
  }
}
