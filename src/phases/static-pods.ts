import type { Phase } from '../engine/phase.js'
import type { Disruption, Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { healthPorts } from '../kubernetes/manifests/health-ports.js'
import { staticPods as buildPods } from '../kubernetes/manifests/static-pods.js'
import { asProcNetHas, untilListening } from '../resources/listening.js'
import { markDirectory, podMark } from '../resources/marks.js'
import { type Context, controlPlanes } from './context.js'
import { nodeEvidence } from './evidence.js'
import type { Machine } from './machine.js'

/**
 * INPUTS: restart marks left by changed certificates, kubeconfigs and manifests.
 * OUTPUTS: static pods that run with what lies on disk. They do not notice a new certificate by
 * themselves. One at a time across the cluster.
 */
export const staticPods: Phase<Context> = {
  id: 'static-pods',
  title: 'Static pods',
  about: 'Restarts static pods whose certificates or manifests were changed, one at a time.',
  steps: (context) =>
    controlPlanes(context).flatMap((machine) =>
      [...buildPods(context.spec, machine.spec, context.release, { caDirectories: [] }).keys()].map((name) =>
        restartStep(context, machine, name),
      ),
    ),
}

function restartStep(context: Context, machine: Machine, name: string): Step<FileState> {
  const { host } = machine
  const mark = `${markDirectory}/${podMark(name)}`
  const disruption: Disruption | undefined =
    name === 'etcd' ? 'etcd' : name === 'kube-apiserver' ? 'api' : undefined
  return {
    id: `static-pod:${name}`,
    title: `static pod ${name}`,
    target: host.name,
    evidence: () => nodeEvidence(context, machine),
    probe: () => host.stat(mark),
    diff: (state) => (state.kind === 'absent' ? [] : [{ summary: `restart static pod ${name}` }]),
    apply: async () => {
      await host.mutate({
        what: `restart static pod ${name}`,
        script: `${context.runtime.restartPodScript}${untilListening}
          until_listening "$2" "$1"`,
        args: [name, asProcNetHas(healthPort(context, name))],
        timeoutMs: 120_000,
      })
      if (disruption) await untilReady(context)
      await host.mutate({ script: 'rm -f -- "$1"', args: [mark], timeoutMs: 10_000 })
    },
    disrupts: () => disruption,
  }
}

/** Where one listens once it works, of those whom nobody else asks; a flag that is a wrong one ends it before. */
function healthPort({ spec }: Context, name: string): number | undefined {
  if (name !== 'kube-scheduler' && name !== 'kube-controller-manager') return undefined
  const { extraArgs } = name === 'kube-scheduler' ? spec.scheduler : spec.controllerManager
  return Number(extraArgs['secure-port'] ?? healthPorts[name]) || undefined
}

/** etcd and the API server are back when the API server says it is ready; both answer through it. */
async function untilReady(context: Context): Promise<void> {
  const deadline = context.now().getTime() + 120_000
  for (;;) {
    const ready = await context
      .kube()
      .then((kube) => kube.text('/readyz', { timeoutMs: 3_000 }))
      .then((answer) => answer.status === 200)
      .catch(() => false)
    if (ready) return
    if (context.now().getTime() > deadline)
      throw new Error('the API server did not become ready again within 120 s')
    await context.sleep(250)
  }
}
