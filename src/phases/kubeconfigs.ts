import type { Phase } from '../engine/phase.js'
import type { Change, Step } from '../engine/step.js'
import type { FileState } from '../host/host.js'
import { certificateDifferences } from '../pki/inspect.js'
import { issue } from '../pki/issue.js'
import { buildKubeconfig, parseKubeconfig } from '../pki/kubeconfig.js'
import { type KubeconfigSpec, kubeconfigTree } from '../pki/kubeconfigs.js'
import { effectsOf, podMark } from '../resources/marks.js'
import { type Context, controlPlanes, leaderOf } from './context.js'
import { adminConf } from './kube-access.js'
import type { Machine } from './machine.js'

/** INPUTS: the authorities. OUTPUTS: admin.conf, controller-manager.conf, scheduler.conf on each control plane. */
export const kubeconfigs: Phase<Context> = {
  id: 'kubeconfigs',
  title: 'Kubeconfigs',
  about: "The administrator's and the control plane components' kubeconfigs.",
  steps: (context) =>
    controlPlanes(context).flatMap((machine) =>
      kubeconfigTree(context.spec, machine.spec, context.release).map((spec) =>
        kubeconfigStep(context, machine, spec),
      ),
    ),
}

function kubeconfigStep(context: Context, { host }: Machine, spec: KubeconfigSpec): Step<FileState> {
  const path = `/etc/kubernetes/${spec.file}`
  const ca = (): string => context.authorities.get().certificate('kubernetes')
  return {
    id: `kubeconfig:${spec.file}`,
    title: spec.file,
    target: host.name,
    needs: [`${leaderOf(context).spec.name}/authorities`],
    probe: () => host.stat(path, { content: true }),
    diff: (state): Change[] => {
      const authority = ca()
      if (state.kind !== 'file') return [{ kind: 'create', summary: `write ${path}` }]
      const differences = kubeconfigDifferences(
        state.content?.toString() ?? '',
        spec,
        authority,
        context.now(),
      )
      if (differences.length > 0)
        return [
          {
            kind: 'renew',
            summary: `rewrite ${path}`,
            diff: differences.join('\n'),
            effects: effectsOf(spec.readers.map(podMark)),
          },
        ]
      return state.mode === '0600'
        ? []
        : [{ kind: 'access', summary: `set ${path} to 0600 (is ${state.mode})` }]
    },
    apply: async ([change]) => {
      if (change?.kind === 'access') {
        await host.mutate({ script: 'chmod 0600 -- "$1"', args: [path], timeoutMs: 10_000 })
        return
      }
      const made = await issue(spec.certificate, await context.authorities.get().signer('kubernetes'), {
        now: context.now(),
        random: context.random,
      })
      const content = buildKubeconfig({
        clusterName: context.spec.clusterName,
        server: spec.server,
        ca: ca(),
        user: spec.user,
        certificate: made.certificate,
        key: made.key,
        preferences: spec.preferences,
      })
      await host.write({ path, content, mode: '0600', marks: spec.readers.map(podMark) })
      if (path === adminConf) context.kube.renew(host.name)
    },
  }
}

function kubeconfigDifferences(text: string, spec: KubeconfigSpec, ca: string, now: Date): string[] {
  try {
    const is = parseKubeconfig(text)
    return [
      ...(is.server === spec.server ? [] : [`server: ${is.server} → ${spec.server}`]),
      ...(is.user === spec.user ? [] : [`user: ${is.user} → ${spec.user}`]),
      ...(is.ca.trim() === ca.trim() ? [] : ['certificate authority: another one']),
      ...certificateDifferences(is.credentials.cert, spec.certificate, ca, now),
    ]
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)]
  }
}
