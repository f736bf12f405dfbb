import type { LedgerNote } from '../host/ledger-script.js'
import type { Context } from './context.js'
import type { Machine } from './machine.js'

/** The kubelet's unit, by the name every package and kubeadm give it. */
export const kubeletUnit = 'kubelet.service'

/** Where its program is. */
export const kubeletProgram = '/usr/bin/kubelet'

/** Where the kubelet keeps everything (--root-dir). */
export const kubeletDirectory = '/var/lib/kubelet'

/** Where the kubelet looks for volume plugins, which it makes when it starts (kubelet's volumePluginDir, every minor). */
const volumePlugins = '/usr/libexec/kubernetes/kubelet-plugins/volume/exec'

/** What appears on a machine once a kubelet runs there, for the ledger. */
export const kubeletMakes = ({ runtime, network }: Context): LedgerNote[] =>
  [
    kubeletDirectory,
    '/etc/cni/net.d',
    '/var/log/pods',
    '/var/log/containers',
    volumePlugins,
    ...runtime.trees,
    ...network.trees,
  ].map((path) => `tree ${path}` as const)

/** Where a machine's kubelet tells its health: its own default unless the inventory says otherwise; none for 0. */
export function kubeletHealthPort({ spec }: Context, machine: Machine): number | undefined {
  const { healthzPort = 10248 } = { ...spec.kubelet.config, ...machine.spec.kubeletConfig }
  return typeof healthzPort === 'number' && healthzPort > 0 ? healthzPort : undefined
}
