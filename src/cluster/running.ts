import type { FileState, Host } from '../host/host.js'
import { UserError } from '../lib/errors.js'
import { kubeletProgram } from './kubelet-unit.js'
import { imageTagIn, manifestFiles } from './static-pod-files.js'

/** The version of one program on a machine, without the v; 'none': it is not there; or why it is not known. */
export type RunningVersion = { version: string } | 'none' | { unknown: string }

/** What a machine has of Kubernetes now. */
export interface Running {
  /** Of its program: one that was not restarted since may run an older one, of which its restart mark tells. */
  kubelet: RunningVersion
  /** By the tags in the manifests of its static Pods. */
  apiServer: RunningVersion
  controllerManager: RunningVersion
  scheduler: RunningVersion
}

/** "Kubernetes v1.36.3": what `kubelet --version` prints. */
const kubeletVersion = /^Kubernetes v(\d+\.\d+\.\d+\S*)$/

const script = `[ -e "$1" ] || { echo none; exit 0; }
timeout 10 "$1" --version`

/**
 * Asks a machine which versions of Kubernetes it has, in one round trip. What could not be looked at is unknown, with the
 * reason, and never none.
 */
export async function readRunning(host: Host): Promise<Running> {
  const { apiServer, controllerManager, scheduler } = manifestFiles
  const [kubelet, ...planes] = await Promise.all([
    orUnknown(async () => {
      const { code, stdout, stderr } = await host.read({
        what: 'read the version of the kubelet',
        script,
        args: [kubeletProgram],
        timeoutMs: 20_000,
      })
      const said = stdout.toString().trim()
      if (code === 0 && said === 'none') return 'none'
      const version = kubeletVersion.exec(said)?.[1]
      if (code === 0 && version !== undefined) return { version }
      return {
        unknown: `${kubeletProgram} --version: ${stderr.trim() || said || `exit code ${code}`}`.slice(0, 300),
      }
    }),
    ...[apiServer, controllerManager, scheduler].map((path) =>
      orUnknown(async () => ofManifest(path, await host.stat(path, { content: true }))),
    ),
  ])
  const [ofApiServer, ofManager, ofScheduler] = planes
  const unread: RunningVersion = { unknown: 'was not read' }
  return {
    kubelet,
    apiServer: ofApiServer ?? unread,
    controllerManager: ofManager ?? unread,
    scheduler: ofScheduler ?? unread,
  }
}

function ofManifest(path: string, state: FileState): RunningVersion {
  if (state.kind === 'absent') return 'none'
  const tag = state.kind === 'file' ? imageTagIn(state.content?.toString()) : undefined
  return tag === undefined
    ? { unknown: `${path} does not show a version` }
    : // an image tag has no "+" (kubeadm: KubernetesVersionToImageTag)
      { version: tag.replace(/^v/, '').replaceAll('_', '+') }
}

/** A host that gives no answer is no bug: why it gave none is the answer. */
async function orUnknown(look: () => Promise<RunningVersion>): Promise<RunningVersion> {
  try {
    return await look()
  } catch (error) {
    if (!(error instanceof UserError)) throw error
    return { unknown: error.message }
  }
}
