import type { Balancer } from './balancer.js'
import { haproxyBackends } from './haproxy/backends.js'
import { nodeChecks } from './haproxy/config.js'
import { haproxyRemains, haproxySteps } from './haproxy/steps.js'

/**
 * haproxy on every node, so that each reaches a live API server without any address that moves and without
 * further machines.
 *
 * On each node the endpoint's name stands for the loopback address (/etc/hosts), so kubelet.conf, kube-proxy
 * and cluster-info name the endpoint as ever: the same files on every node, a certificate that holds the name,
 * and nothing that kubeadm would not understand. Therefore the endpoint must be a name. Writing 127.0.0.1 into
 * each kubelet.conf instead would need another server in kube-proxy's ConfigMap and in cluster-info, which
 * serve machines outside as well. kube-proxy sees the node's /etc/hosts, as every pod in the host's network does.
 *
 * A systemd unit and not a static pod: the distribution has the package, a pod would need an image in every
 * bundle, and the balancer must be there before the kubelet is.
 *
 * On control planes it listens on every address: whoever is outside and resolves the name to them is served too.
 */
export const nodeLocal: Balancer = {
  id: 'node-local',
  runsOn: 'node',
  port: 'own',
  virtualIp: 'none',
  keys: [],
  answersAlone: true,
  remains: [haproxyRemains],
  images: () => [],
  packages: (os) => os.packages.haproxy,
  traffic: ({ port }) => [`${port}/tcp`],
  steps: (machine, _all, settings, installed) =>
    haproxySteps(machine, settings, installed, {
      bind: machine.controlPlane ? '' : machine.address.includes(':') ? '::1' : '127.0.0.1',
      checks: nodeChecks,
    }),
  settledSteps: () => [],
  backends: ({ host }) => haproxyBackends(host),
}
