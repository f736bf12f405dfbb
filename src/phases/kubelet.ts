import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import type { Facts } from '../host/facts/facts.js'
import type { HostSpec } from '../inventory/spec.js'
import {
  type KubeletNode,
  kubeletConfiguration,
  kubeletDropIn,
  kubeletFlags,
  kubeletInstanceConfig,
  kubeletService,
} from '../kubernetes/config/kubelet.js'
import { directory } from '../resources/directory.js'
import { file } from '../resources/file.js'
import { type Context, criSocket, nodes } from './context.js'
import { kubeletDirectory, kubeletUnit } from './kubelet-unit.js'
import type { Machine } from './machine.js'

/** What kubeadm writes into the kubelet's configuration when systemd-resolved answers on 127.0.0.53. */
const resolvedFile = '/run/systemd/resolve/resolv.conf'

/**
 * INPUTS: spec.kubelet, the runtime's socket and cgroup driver.
 * OUTPUTS: the kubelet's unit, configuration and flags on every node; it is not started here.
 */
export const kubelet: Phase<Context> = {
  id: 'kubelet',
  title: 'Kubelet configuration',
  about: "The kubelet's unit, configuration and flags.",
  steps: (context) => nodes(context).flatMap((machine) => kubeletSteps(context, machine)),
}

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

function kubeletSteps(context: Context, machine: Machine): Step[] {
  const { spec, release, runtime } = context
  const { host, spec: own, facts, os } = machine
  const { id } = runtime
  const socket = criSocket(context)
  const marks = [kubeletUnit]
  const instance = kubeletInstanceConfig(release, socket)
  const configuration = kubeletConfiguration(spec, release, {
    ...kubeletNode(context, machine),
    criSocket: socket,
    config: own.kubeletConfig,
  })
  return [
    file(host, { path: '/etc/systemd/system/kubelet.service', content: kubeletService(), marks }),
    file(host, {
      path: '/etc/systemd/system/kubelet.service.d/10-kubeadm.conf',
      content: kubeletDropIn(os.kubeletDefaults),
      marks,
    }),
    file(host, {
      path: `${kubeletDirectory}/config.yaml`,
      content: configuration,
      marks,
      tree: kubeletDirectory,
    }),
    file(host, {
      path: `${kubeletDirectory}/kubeadm-flags.env`,
      tree: kubeletDirectory,
      content: kubeletFlags(spec, withNodeIp(own, facts), release, {
        id,
        criSocket: socket,
      }),
      marks,
    }),
    ...(instance
      ? [
          file(host, {
            path: `${kubeletDirectory}/instance-config.yaml`,
            tree: kubeletDirectory,
            content: instance,
            mode: '0600',
            marks,
          }),
        ]
      : []),
    directory(host, '/etc/kubernetes/manifests', '0755'),
  ]
}

/**
 * The kubelet registers the address of the default route. On a machine whose inventory address is
 * another (a second interface: every Vagrant machine), it is told.
 */
function withNodeIp(host: HostSpec, facts: Facts): HostSpec {
  if (facts.defaultAddress === '' || facts.defaultAddress === host.address) return host
  return { ...host, kubeletExtraArgs: { 'node-ip': host.address, ...host.kubeletExtraArgs } }
}
