import type { Context } from '../../cluster/context.js'
import type { Machine } from '../../cluster/machine.js'
import type { KubeletNode } from '../../kubernetes/config/kubelet.js'

/** What kubeadm writes into the kubelet's configuration when systemd-resolved answers on 127.0.0.53. */
const resolvedFile = '/run/systemd/resolve/resolv.conf'

/**
 * What a machine adds to the kubelet's configuration. kubeadm writes Docker's driver whichever it is
 * (componentconfigs/kubelet.go asks `docker info`).
 */
export function kubeletNode({ runtime }: Context, { facts }: Machine): KubeletNode {
  return {
    cgroupDriver: runtime.cgroupDriver(facts),
    ...(facts.resolvedActive ? { resolvConf: resolvedFile } : {}),
  }
}
