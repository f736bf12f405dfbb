import { throughProxy } from '../../host/proxy-file.js'
import { UserError } from '../../lib/errors.js'
import type { OperatingSystem } from '../../os/os.js'
import { editFile } from '../../resources/edit-file.js'
import { cgroupDriver } from '../cgroup-driver.js'
import { dataLeft } from '../data-left.js'
import type { Runtime } from '../runtime.js'
import { withContainerdSettings } from './config-toml.js'
import { certsDirectory } from './hosts-toml.js'
import { imagesOf, pins } from './images.js'
import { importedFiles, importsScript } from './imports.js'
import { refuseImports } from './refuse-imports.js'
import { registrySteps } from './registries.js'
import {
  containerFunctions,
  countContainersScript,
  inPodFunction,
  podContainersScript,
  removeContainersScript,
  restartPodScript,
  systemContainersScript,
} from './scripts.js'
import { majorOf, versionScript } from './version.js'

const configFile = '/etc/containerd/config.toml'

/** Which containerd it is or will be, "@imports", and what its configuration imports. */
const besideOf = (file: string, os: OperatingSystem): { script: string; args: string[] } => ({
  script: `( ${versionScript(os.offeredVersion)} ) || exit 1\necho @imports\nshift\n${importsScript}`,
  args: [os.packages.containerd[0] ?? '', file],
})

/** containerd from the distribution, by its own CRI plug-in. */
export const containerd: Runtime = {
  id: 'containerd',
  criSocket: '/run/containerd/containerd.sock',
  unit: 'containerd.service',
  // each container has a shim of its own, which containerd finds again
  restartEndsContainers: false,
  daemons: ['containerd'],
  problem: () => undefined,
  packages: (os) => os.packages.containerd,
  mirrorsFor: 'any',
  versionLook: (os) => ({
    script: versionScript(os.offeredVersion),
    args: [os.packages.containerd[0] ?? ''],
  }),
  configuration: ({ host, facts, os }, { pauseImage, registries, version: released }) => [
    ...registrySteps(host, registries),
    editFile(host, {
      path: configFile,
      title: 'containerd configuration',
      beside: besideOf(configFile, os),
      guards: true,
      edit: (text, beside) => {
        const [version = '', imports = ''] = beside.split('@imports\n')
        const settings = {
          cgroupDriver: cgroupDriver(facts),
          pauseImage,
          major: majorOf(released ?? version),
          registries: registries.length > 0,
        }
        const after = withContainerdSettings(text, settings, host.name)
        refuseImports(importedFiles(imports, { path: configFile, text }, host.name), settings, host.name)
        return after
      },
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
  pins,
  // ctr itself asks the registry
  pullScript: `${throughProxy}
ctr -n k8s.io images pull --hosts-dir ${certsDirectory} -- "$1" >/dev/null`,
  removeImagesScript: 'ctr -n k8s.io images rm -- "$@" >/dev/null',
  inPodFunction,
  podContainersScript,
  restartPodScript,
  countContainersScript,
  removeContainersScript,
  systemContainersScript,
  containerFunctions,
  checkScript: 'containerd config dump >/dev/null',
  tracesScript: dataLeft(['/var/lib/containerd']),
  programs: [],
  programMarks: [],
  furtherServices: () => [],
  trees: [],
  cgroupDriver,
}
