import type { Context } from '../cluster/context.js'
import { nodeEvidence } from '../cluster/evidence.js'
import { kubeletUnit } from '../cluster/kubelet-unit.js'
import { isControlPlane, isNode, type Machine } from '../cluster/machine.js'
import { shortly } from './look.js'

/** What a host shows of its part in the cluster, without the Kubernetes API. */
export interface HostRow {
  host: string
  /** systemd's word for the kubelet: "active", "failed"; '' for a host that is no node. */
  kubelet: string
  /** Containers of kube-system that run. */
  running: readonly string[]
  /** What ended or complains, a line each, the most telling last. */
  words: readonly string[]
}

/** What ended within so long is of now, milliseconds. */
const recentMs = 300_000

/** Lines of a host that are shown; all the rest is for kubestrap's log and for the host itself. */
const shownLines = 12

/** Asks every host. Never throws for one that does not answer. */
export function hostRows(context: Context): Promise<HostRow[]> {
  return Promise.all(
    context.machines.map(async (machine) => {
      const host = machine.spec.name
      try {
        return { host, ...(await stateOf(context, machine)) }
      } catch (error) {
        return { host, kubelet: 'could not check', running: [], words: [shortly(error)] }
      }
    }),
  )
}

async function stateOf(context: Context, machine: Machine): Promise<Omit<HostRow, 'host'>> {
  if (!isNode(machine)) return { kubelet: '', running: [], words: [] }
  const { host } = machine
  const [unit, containers, evidence] = await Promise.all([
    host.read({
      what: 'state of the kubelet',
      script: 'systemctl is-active -- "$1"; exit 0',
      args: [kubeletUnit],
      logged: true,
    }),
    host.read({
      what: 'running containers of kube-system',
      script: context.runtime.systemContainersScript,
      logged: true,
    }),
    // what a worker's containers say is told by the API or not at all
    isControlPlane(machine) ? nodeEvidence(context, machine, { ageMs: recentMs }) : '',
  ])
  const running = linesOf(containers.stdout.toString())
  return {
    kubelet: unit.stdout.toString().trim() || 'unknown',
    running: containers.code === 0 ? [...new Set(running)].sort() : [],
    words: [
      ...(containers.code === 0
        ? []
        : [`containers: could not check: ${shortly(new Error(containers.stderr))}`]),
      ...linesOf(evidence)
        .filter((line) => !/^(listens: |ActiveState=)/.test(line))
        .slice(-shownLines),
    ],
  }
}

const linesOf = (text: string): string[] => text.split('\n').flatMap((line) => line.trim() || [])
