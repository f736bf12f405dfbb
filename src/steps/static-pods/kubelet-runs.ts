import { kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'

/** Whether the kubelet of a host runs: without it nothing brings back what is ended. */
export async function kubeletRuns(host: Machine['host']): Promise<boolean> {
  const answer = await host.read({ script: 'systemctl is-active --quiet -- "$1"', args: [kubeletUnit] })
  return answer.code === 0
}
