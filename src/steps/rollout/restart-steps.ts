import type { Context } from '../../cluster/context.js'
import { nodeEvidence } from '../../cluster/evidence.js'
import { kubeletHealthPort, kubeletUnit } from '../../cluster/kubelet-unit.js'
import type { Machine } from '../../cluster/machine.js'
import type { Step } from '../../engine/step.js'
import { stepKey } from '../../engine/step.js'
import { startUnit } from '../../resources/service.js'
import { restartPod } from '../static-pods/restart-pod.js'
import { lifeStep } from './life-step.js'
import { type Living, podLife, unitLife } from './lives.js'
import type { BegunAnew } from './reboot-steps.js'
import { systemPods } from './works-again.js'

/**
 * The container runtime of a node and then its kubelet run anew, and where that is wished the static Pods of a control plane
 * node. A runtime whose containers end with it restarts after a drain.
 */
export function restartSteps(
  context: Context,
  machine: Machine,
  { before, within, needs, staticPods }: BegunAnew & { staticPods: boolean },
): { living: Living[]; steps: Step[] } {
  const { runtime } = context
  const { host, spec } = machine
  const evidence = (ageMs: number): Promise<string> =>
    nodeEvidence(context, machine, { ageMs, containers: [] })
  const unit = (name: string, endsPods: boolean, more: { check?: string; listens?: number | undefined }) => ({
    of: unitLife(machine, name),
    id: `restart:${name}`,
    title: `restart of ${name}`,
    endsPods,
    summary: `restart ${name}`,
    apply: () => startUnit(host, { unit: name, ...more }, 'restart'),
  })
  const restarts = [
    unit(runtime.unit, runtime.restartEndsContainers, { check: runtime.checkScript }),
    ...runtime.programMarks.map((name) => unit(name, false, {})),
    unit(kubeletUnit, false, { listens: kubeletHealthPort(context, machine) }),
    ...(staticPods ? systemPods(context, machine) : []).map((pod) => ({
      of: podLife(context, machine, pod),
      id: `restart:static-pod:${pod}`,
      title: `restart of static Pod ${pod}`,
      endsPods: false,
      summary: `restart static Pod ${pod}`,
      apply: () => restartPod(context, machine, pod),
    })),
  ]
  const steps: Step[] = []
  for (const { summary, endsPods, ...wish } of restarts) {
    const last = steps.at(-1)
    steps.push(
      lifeStep(
        { before },
        {
          ...wish,
          target: spec.name,
          needs: last ? [stepKey(last)] : needs,
          within,
          endsPods,
          evidence,
          disrupts: () => 'node',
          change: {
            kind: 'restart',
            summary,
            ...(endsPods ? { effects: [{ kind: 'remark', text: 'after a drain' }] } : {}),
          },
        },
      ),
    )
  }
  return { living: restarts.map(({ of }) => of), steps }
}
