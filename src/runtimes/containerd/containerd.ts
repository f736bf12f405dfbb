import { UserError } from '../../lib/errors.js'
import { editFile } from '../../resources/edit-file.js'
import { cgroupDriver } from '../cgroup-driver.js'
import type { Runtime } from '../runtime.js'
import { withContainerdSettings } from './config-toml.js'
import { certsDirectory } from './hosts-toml.js'
import { imagesOf } from './images.js'
import { registrySteps } from './registries.js'
import {
  containerFunctions,
  countContainersScript,
  podContainersScript,
  removeContainersScript,
  restartPodScript,
  systemContainersScript,
} from './scripts.js'
import { majorOf, versionScript } from './version.js'

/** containerd from the distribution, by its own CRI plug-in. */
export const containerd: Runtime = {
  id: 'containerd',
  criSocket: '/run/containerd/containerd.sock',
  unit: 'containerd.service',
  daemons: ['containerd'],
  problem: () => undefined,
  packages: (os) => os.packages.containerd,
  mirrorsFor: 'any',
  configuration: ({ host, facts, os }, { pauseImage, registries }) => [
    ...registrySteps(host, registries),
    editFile(host, {
      path: '/etc/containerd/config.toml',
      title: 'containerd configuration',
      beside: { script: versionScript(os.offeredVersion), args: os.packages.containerd },
      edit: (text, version) =>
        withContainerdSettings(
          text,
          {
            cgroupDriver: cgroupDriver(facts),
            pauseImage,
            major: majorOf(version),
            registries: registries.length > 0,
          },
          host.name,
        ),
      marks: ['containerd.service'],
      needs: [],
    }),
  ],
  images: async (host) => {
    const answer = await host.read({ script: 'ctr -n k8s.io images ls', timeoutMs: 20_000 })
    if (answer.code !== 0)
      throw new UserError('step', 'containerd does not answer', { host: host.name, why: answer.stderr })
    return imagesOf(answer.stdout.toString())
  },
  // -f: an archive that is not compressed passes as it is; one that is cut fails in gzip alone
  loadScript: `
failed=$({ { { gzip -dcf || echo gzip >&3; } | ctr -n k8s.io images import - >&4 || echo ctr >&3; } 3>&1; } 4>&2)
[ -z "$failed" ] || { echo "loading failed in:" $failed >&2; exit 1; }
`,
  pullScript: `ctr -n k8s.io images pull --hosts-dir ${certsDirectory} -- "$1" >/dev/null`,
  removeImagesScript: 'ctr -n k8s.io images rm -- "$@" >/dev/null',
  podContainersScript,
  restartPodScript,
  countContainersScript,
  removeContainersScript,
  systemContainersScript,
  containerFunctions,
  checkScript: 'containerd config dump >/dev/null',
  tracesScript: ':',
  programs: [],
  programMarks: [],
  furtherServices: () => [],
  trees: [],
  cgroupDriver,
}
