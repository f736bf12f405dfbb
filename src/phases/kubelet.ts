import { type Context, criSocket, nodes } from '../cluster/context.js'
import { kubeletDirectory, kubeletUnit } from '../cluster/kubelet-unit.js'
import type { Machine } from '../cluster/machine.js'
import type { Phase } from '../engine/phase.js'
import type { Step } from '../engine/step.js'
import {
  kubeletConfiguration,
  kubeletDropIn,
  kubeletFlags,
  kubeletInstanceConfig,
  kubeletService,
} from '../kubernetes/config/kubelet.js'
import { type AlongState, alongRestart } from '../resources/along-restart.js'
import { directory } from '../resources/directory.js'
import { file } from '../resources/file.js'
import { halfWrittenStep } from '../steps/kubelet/half-written.js'
import { kubeletNode } from '../steps/kubelet/kubelet-node.js'
import { inTurn } from '../steps/rollout/in-turn.js'

/**
 * INPUTS: spec.kubelet, the runtime's socket and cgroup driver.
 * OUTPUTS: the kubelet's unit, configuration and flags on every node, on a living one in its turn; this phase does not
 * start the kubelet.
 */
export const kubelet: Phase<Context> = {
  id: 'kubelet',
  title: 'Kubelet configuration',
  about: "The kubelet's systemd unit, configuration and flags.",
  steps: (context) => nodes(context).flatMap((machine) => kubeletSteps(context, machine)),
}

function kubeletSteps(context: Context, machine: Machine): Step[] {
  const { spec } = context
  const { host, spec: own, os } = machine
  const release = machine.release.wanted
  const socket = criSocket(context, machine)
  const marks = [kubeletUnit]
  const instance = kubeletInstanceConfig(release, socket)
  const configuration = kubeletConfiguration(spec, release, {
    ...kubeletNode(context, machine),
    criSocket: socket,
    config: own.kubeletConfig,
  })
  const files = [
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
  ]
  return [
    halfWrittenStep(machine),
    ...files.map((step) => inTurn(context, machine, step, { unit: kubeletUnit })),
    directory(host, '/etc/kubernetes/manifests', '0755'),
    // last: what comes before may be the reason of a restart
    inTurn(context, machine, flagsStep(context, machine, marks), { unit: kubeletUnit }),
  ]
}

/**
 * The kubelet's flags. Version 0.1.0 told it its node's address only where the default route was on another; a
 * cluster of its birth takes the flag up with the next restart that has another reason.
 */
function flagsStep(context: Context, machine: Machine, marks: readonly string[]): Step<AlongState> {
  const { spec, runtime } = context
  const { host, spec: own, release } = machine
  const told = { id: runtime.id, criSocket: criSocket(context, machine) }
  const flags = (nodeIp: boolean): string => kubeletFlags(spec, own, release.wanted, told, nodeIp)
  const step = file(host, {
    path: `${kubeletDirectory}/kubeadm-flags.env`,
    tree: kubeletDirectory,
    content: flags(true),
    marks,
  })
  const before = flags(false)
  return alongRestart(host, step, {
    unit: kubeletUnit,
    serves: (text) => text === before,
    why: 'node-ip, so far found by the kubelet itself, is told with this restart',
  })
}
